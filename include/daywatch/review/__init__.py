"""Stored windows again: judged by another plan, and explained."""
