"""All rules against one release at once."""
