"""Benchmarks: speed and memory compared with peers, in one run, each in a process of its own."""
