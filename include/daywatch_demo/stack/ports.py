"""Which TCP ports on the loopback interface the servers of a stack listen on."""

import errno
import secrets
import socket
from collections.abc import Collection, Iterable, Mapping

HOST = "127.0.0.1"

# Below the range from which Linux (32768) and macOS (49152) take the ports of outgoing connections:
# otherwise such a connection could occupy a port while its server restarts.
_LOWEST = 20_000
_HIGHEST = 32_000
_TRIES = 100


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections in the state TIME_WAIT do not block a port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def choose_ports(
    names: Iterable[str], remembered: Mapping[str, int], occupied: Collection[str]
) -> dict[str, int]:
    """Choose a port for each name, and keep earlier choices if possible.

    Args:
        names: Names of the ports to choose.
        remembered: The ports chosen at an earlier start, by name.
        occupied: Names of ports that our own running servers use; they are kept.

    Raises:
        OSError: There are no free ports.
    """
    chosen: dict[str, int] = {}
    missing = []
    for name in names:
        port = remembered.get(name)
        if port is not None and (name in occupied or is_free(port)):
            chosen[name] = port
        else:
            missing.append(name)
    return chosen | dict(zip(missing, _free_block(len(missing), set(chosen.values())), strict=True))


def _free_block(length: int, taken: set[int]) -> range:
    """Return neighbouring free ports at a random position, so that stacks that start together rarely collide."""
    for _ in range(_TRIES):
        first = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST - length)
        block = range(first, first + length)
        if taken.isdisjoint(block) and all(is_free(port) for port in block):
            return block
    message = (
        f"No {length} neighbouring free ports between {_LOWEST} and {_HIGHEST} on {HOST} were found in "
        f"{_TRIES} tries; stop what listens there (`ss -ltn` lists it) and start again."
    )
    raise OSError(message)
