"""Where releases are published, and how to read a page of them: data and pure functions."""
