"""Amazon's services on loopback, by moto."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def aws_server() -> Iterator[tuple[Callable[[str], Any], str]]:
    """Start moto's server; yield what makes a client of a service, and an Airflow connection as JSON."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    there = {"endpoint_url": f"http://{host}:{port}", "region_name": "eu-central-1"}
    connection = {"conn_type": "aws", "login": "key", "password": "planted", "extra": there}
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "planted"}
    try:
        yield (lambda service: boto3.client(service, **there, **keys)), json.dumps(connection)
    finally:
        server.stop()
