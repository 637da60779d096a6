"""The deployment: its connections, addresses and environment variables."""
