"""The page of a window: the day as it was judged, with its evidence, its revisions and its files."""
