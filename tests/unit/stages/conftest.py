"""A real mail server for the stage ``notify``."""

from __future__ import annotations

from inbox import start

__all__ = ["start"]
