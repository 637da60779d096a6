"""Labels: ground truth that arrives later, to one label an inference."""
