"""The pages of incidents: the open ones, one with its timeline, and what people do about it."""
