"""Objects as lines: unpacked, bounded, and quarantined with a reason where they cannot be read."""
