"""Faults of servers and neighbours during a day; a package, so that its servers end with it."""
