"""`python -m daywatch_demo.stack.mailbox --smtp-port N --http-port N --folder F`."""

import argparse
from pathlib import Path

import uvicorn

from daywatch_demo.stack.mailbox.pages import mailbox_app
from daywatch_demo.stack.ports import HOST

_STOP_SECONDS = 2


def main() -> None:
    """Serve SMTP and the pages in one event loop, until a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m daywatch_demo.stack.mailbox", description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True, help=f"port for receiving mails, on {HOST}")
    parser.add_argument("--http-port", type=int, required=True, help=f"port of the page, on {HOST}")
    parser.add_argument("--folder", type=Path, required=True, help="folder for the mails, a file each")
    arguments = parser.parse_args()
    uvicorn.run(
        mailbox_app(arguments.folder, arguments.smtp_port),
        host=HOST,
        port=arguments.http_port,
        access_log=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


if __name__ == "__main__":
    main()
