"""What people tell Daywatch about model versions and their deployments."""
