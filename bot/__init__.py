"""Tocsin: from a ministry's page to an alert."""

__version__ = "0.1.0"
