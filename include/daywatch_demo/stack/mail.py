"""The mail server of the stack: accepts every mail, stores it and shows it on a page."""

import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import daywatch_demo
from daywatch_demo.stack.environment import process_environment
from daywatch_demo.stack.private_file import private_folder
from daywatch_demo.stack.process import Command
from daywatch_demo.stack.service import Service


class Mail(Service):
    """Runs `daywatch_demo.stack.mailbox` as a server."""

    name = "mail"
    port_names = ("smtp", "mailbox")
    stop_seconds = 5.0

    @property
    def address(self) -> str:
        """The address of the page with the mails."""
        return self.settings.mailbox_url

    @property
    def folder(self) -> Path:
        """The folder of the mails, one `.eml` file each."""
        return private_folder(self.settings.state / "mail")

    def command(self) -> Command:
        """Return the command of the mailbox on its two ports."""
        ports = self.settings.ports
        own = {"PYTHONPATH": str(Path(daywatch_demo.__file__).parents[1])}
        return Command(
            arguments=(
                sys.executable,
                "-m",
                "daywatch_demo.stack.mailbox",
                f"--smtp-port={ports['smtp']}",
                f"--http-port={ports['mailbox']}",
                f"--folder={self.folder}",
            ),
            environment=process_environment(own),
            folder=self.settings.state,
            identity=own,
        )

    def problem(self) -> str | None:
        """Return why the page does not answer; None if it does, which is only after the SMTP server listens."""
        try:
            with build_opener(ProxyHandler({})).open(f"{self.address}/healthz", timeout=5):
                return None
        except (URLError, TimeoutError, ConnectionError) as error:
            return str(error)
