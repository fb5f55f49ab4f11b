"""The decisions: pure functions; time is an argument."""
