"""A local SMTP server that keeps each mail as a file.

``python -m include.runtime.mail_catcher PORT FOLDER [HOST]``
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class _Keep:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.Lock()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        with self.lock:
            name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{len(list(self.folder.iterdir())):04d}.eml"
            (self.folder / name).write_bytes(envelope.content)
        return "250 OK"


def catch_mails(port: int, folder: Path, host: str = "127.0.0.1") -> Controller:
    """Start the server in a thread; the caller stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(_Keep(folder), hostname=host, port=port)
    controller.start()
    return controller


if __name__ == "__main__":
    catch_mails(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:4])
    threading.Event().wait()
