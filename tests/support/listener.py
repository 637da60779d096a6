"""An HTTP server that keeps what is posted to it, on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Listener:
    """What was posted, and the status of the answers.

    Attributes:
        port: The port.
        posted: The bodies, as JSON.
        status: Status of the next answers.
    """

    port: int = 0
    posted: list[Any] = field(default_factory=list)
    status: int = 200


@contextmanager
def listening() -> Iterator[Listener]:
    """Yield a server that runs until the end of the block."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if listener.status == 200:
                listener.posted.append(json.loads(body))
            self.send_response(listener.status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.port = server.server_address[1]
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
