"""Debian's chromium, driven over its debugging protocol: open, press keys, read, take a picture."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or ""
# Where CI is set nothing may be left out in silence: open_browser then fails.
needs_browser = pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="chromium is not installed")
KEYS = {"Enter": ("Enter", 13), "Escape": ("Escape", 27), "ArrowDown": ("ArrowDown", 40)}
STARTS_WITHIN_S = 60


class Browser:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.number = 0
        self.requested: list[str] = []
        self.complaints: list[str] = []

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol and its result; notes what the page asks for and complains of meanwhile."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv(timeout=30))
            if message.get("method") == "Network.requestWillBeSent":
                self.requested.append(message["params"]["request"]["url"])
            elif message.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(str(message["params"]["exceptionDetails"])[:500])
            elif message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
                self.complaints.append(str(message["params"]["entry"].get("text"))[:500])
            if message.get("id") == self.number:
                assert "error" not in message, message["error"]
                result: dict[str, Any] = message["result"]
                return result

    def open(self, url: str, token: str) -> None:
        """Go to a page, logged in."""
        for domain in ("Network", "Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        self.send("Network.setCookie", name="_token", value=token, url=url)
        self.send("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        result = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait(self, script: str, seconds: float = 15) -> Any:
        """The expression's value once it is true."""
        deadline = time.monotonic() + seconds
        while not (value := self.run(script)):
            assert time.monotonic() < deadline, (
                f"not within {seconds} s: {script}\n{self.run('document.body.innerText')}"
            )
            time.sleep(0.05)
        return value

    def press(self, key: str) -> None:
        """One key, as the keyboard sends it."""
        name, code = KEYS.get(key, (key, ord(key.upper()[0])))
        common = {"key": name, "windowsVirtualKeyCode": code}
        text = {"text": key} if key not in KEYS else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        """Text into whatever has the focus."""
        self.send("Input.insertText", text=text)

    def resize(self, width: int, height: int, is_dark: bool = False) -> None:
        """The size of the window, and the colours that its user prefers."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path) -> None:
        """What the window shows, as PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def open_browser(folder: Path, width: int = 1200, height: int = 800) -> Iterator[Browser]:
    """A browser without a window, with a profile of its own in the folder."""
    assert CHROMIUM, "chromium is not installed: apt-get install chromium, or unset CI to leave these tests out"
    profile = folder / "profile"
    command = [
        CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
        "--remote-debugging-port=0", f"--user-data-dir={profile}", f"--window-size={width},{height}", "about:blank",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env=os.environ | {"HOME": str(folder)},
    )  # fmt: skip
    try:
        with connect(_address(profile, process), max_size=None) as socket:
            browser = Browser(socket)
            browser.resize(width, height)
            yield browser
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _address(profile: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "chromium ended"
        try:
            port = (profile / "DevToolsActivePort").read_text().splitlines()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as answer:
                return str(next(t for t in json.loads(answer.read()) if t["type"] == "page")["webSocketDebuggerUrl"])
        except (OSError, IndexError, StopIteration):
            time.sleep(0.1)
    raise AssertionError("chromium does not answer")
