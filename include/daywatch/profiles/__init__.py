"""Profiles: mergeable statistics of each column."""
