"""A window's results as the files of SageMaker Model Monitor, for readers of those files."""
