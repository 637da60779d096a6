"""Incidents: consecutive bad verdicts of one cause, from opening to closing, and what people did about them."""
