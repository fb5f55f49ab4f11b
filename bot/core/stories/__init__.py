"""Telling the same from an update from another: which earlier release, if any, a release belongs to, and how."""
