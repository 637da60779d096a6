"""Where a deployment keeps everything: connections, addresses, the environment."""
