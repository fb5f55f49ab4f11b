"""Schema upgrades."""
