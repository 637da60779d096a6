"""What the pages read from the warehouse: the revisions of a window, the history of a model."""
