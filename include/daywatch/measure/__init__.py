"""Measuring: drift, prediction drift, target drift and performance, with Evidently."""
