"""Sanity of the evidence: whether labels, predictions and features can say anything at all."""
