"""The demonstration around Daywatch: a local stack of real servers, and the story that runs on it."""
