"""The demonstration: a local stack of real servers, and real flights to monitor on it."""
