"""Objects as lines: unpacked, with bounds, and quarantined with a reason if they cannot be read."""
