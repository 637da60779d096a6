"""Judging: the plan's rules applied to the metrics."""
