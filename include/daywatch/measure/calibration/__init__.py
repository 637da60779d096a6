"""What is normal for a model by its own baseline, and from where on a window's numbers stand out."""
