"""How a window was served and captured: latency, failures, hours, volume."""
