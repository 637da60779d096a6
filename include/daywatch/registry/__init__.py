"""Model versions and deployments, as people register them."""
