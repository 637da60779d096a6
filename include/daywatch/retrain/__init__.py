"""Retraining: whether, on which rows, and by which trainer."""
