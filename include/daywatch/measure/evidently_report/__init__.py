"""Evidently's report: sections, sampled rows, one page without a network."""
