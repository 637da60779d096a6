"""A proxy in front of a real S3 server, which may answer in the server's place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HELD = 0.02
"""Seconds for which an answer is held, so that requests that are sent at once are seen at once."""


@dataclass
class Answer:
    """An answer of the server."""

    status: int
    headers: dict[str, str]
    body: bytes


Change = Callable[[str, Answer], Answer]
"""Turns the server's answer to a path into the proxy's."""


@dataclass
class Proxy:
    """The proxy, and what it saw.

    Attributes:
        url: Its address.
        change: What becomes of the answers.
        paths: The paths that were asked for, in order.
        most_at_once: The largest number of requests that waited for their answers at the same time.
    """

    url: str
    change: Change
    paths: list[str] = field(default_factory=list)
    most_at_once: int = 0


@contextmanager
def proxy_of(server: str) -> Iterator[Proxy]:
    """Yield a proxy that changes nothing until it is told to.

    Args:
        server: Address of the S3 server. Signatures stay valid, because the header ``Host`` stays as it is.
    """
    upstream = urlsplit(server)
    lock, open_requests = threading.Lock(), [0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with lock:
                proxy.paths.append(self.path)
                open_requests[0] += 1
                proxy.most_at_once = max(proxy.most_at_once, open_requests[0])
            answer = proxy.change(self.path, self._asked())
            time.sleep(HELD)
            with lock:
                open_requests[0] -= 1
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def _asked(self) -> Answer:
            assert upstream.hostname
            connection = HTTPConnection(upstream.hostname, upstream.port)
            connection.request("GET", self.path, headers=dict(self.headers))
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            return Answer(answer.status, dict(answer.getheaders()), body)

        def log_message(self, *_: object) -> None:
            """Write nothing to the tests' output."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    proxy = Proxy(f"http://127.0.0.1:{listener.server_port}", lambda _, answer: answer)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
