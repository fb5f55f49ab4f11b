"""The rule language and its matcher."""
