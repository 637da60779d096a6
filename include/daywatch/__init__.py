"""Daywatch: batch monitoring of machine-learning models, one window at a time."""

__version__ = "0.1.0"
