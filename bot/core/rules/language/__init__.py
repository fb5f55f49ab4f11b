"""The rule language: words, terms, trees, and how they are read."""
