"""Whether a query holds for a release, and why."""
