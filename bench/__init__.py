"""Benchmarks: speed and memory beside peers, in one run, each measured in a process of its own."""
