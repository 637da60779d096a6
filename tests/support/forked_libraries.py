"""What the processes of ``forked`` find imported; nothing else may import it."""

from daywatch.preload import preload

preload()
