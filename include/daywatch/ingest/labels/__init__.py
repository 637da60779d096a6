"""Labels: ground truth that arrives later, joined to one label an inference."""
