"""Retraining: whether, with what, and what came of it."""
