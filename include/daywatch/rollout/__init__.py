"""Two versions that serve at once: compared on the rows of the same hours, and judged."""
