"""Judging: the plan's rules held against what was measured."""
