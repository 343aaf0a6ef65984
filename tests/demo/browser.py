"""A headless Chromium, driven through its own debugging pipe: no driver package is needed."""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """The program, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One tab.

    Attributes
    ----------
    requested
        The address of everything that the page asked for.
    refused
        What the console said about refused requests, and errors.
    """

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._number = 0
        self._rest = b""
        self.requested: list[str] = []
        self.refused: list[str] = []
        target = self.ask("Target.createTarget", {"url": "about:blank"}, session=None)["targetId"]
        attached = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True}, session=None)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "DOM", "Log"):
            self.ask(f"{domain}.enable")

    _session: str | None = None

    def ask(self, method: str, values: dict[str, Any] | None = None, session: str | None = "own") -> dict[str, Any]:
        """Send a command and wait for its answer."""
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": values or {}}
        if session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == number:
                assert "error" not in found, (method, found["error"])
                return found["result"]

    def _next(self, seconds: float = 60.0) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            part = os.read(self._read, 1 << 20)
            assert part, "the browser has ended"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        found = json.loads(message)
        if found.get("method") == "Network.requestWillBeSent":
            self.requested.append(found["params"]["request"]["url"])
        elif found.get("method") == "Log.entryAdded" and found["params"]["entry"]["level"] == "error":
            self.refused.append(found["params"]["entry"]["text"])
        elif found.get("method") == "Runtime.exceptionThrown":
            self.refused.append(json.dumps(found["params"]["exceptionDetails"]))
        return found

    def open(self, address: str, width: int, height: int, *, phone: bool = False) -> None:
        """Open a page in a window of that size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        self.ask("Emulation.setDeviceMetricsOverride", size)
        self.ask("Page.navigate", {"url": address})

    def value(self, script: str) -> Any:
        """What a JavaScript expression is."""
        return self.ask("Runtime.evaluate", {"expression": script, "returnByValue": True, "awaitPromise": True})[
            "result"
        ].get("value")

    def wait_for(self, script: str, seconds: float = 60.0) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while not self.value(f"!!({script})"):
            text = "document.body.innerText"
            assert time.monotonic() < end, f"{script} did not become true; the page says: {self.value(text)}"
            time.sleep(0.1)

    def upload(self, selector: str, file: Path) -> None:
        """Choose a file, as a person does in the dialog."""
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        self.ask("DOM.setFileInputFiles", {"nodeId": node, "files": [str(file)]})

    def type_into(self, selector: str, text: str) -> None:
        """Write into a field."""
        self.value(f"document.querySelector({selector!r}).focus()")
        self.ask("Input.insertText", {"text": text})

    def screenshot(self, path: Path) -> None:
        """Take a picture of the whole page."""
        found = self.ask("Page.captureScreenshot", {"captureBeyondViewport": True})
        path.write_bytes(base64.b64decode(found["data"]))


# The browser reads commands from file 3 and answers into file 4.
_START = """
import fcntl, os, sys
high = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3]]
os.dup2(high[0], 3), os.dup2(high[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


@contextmanager
def opened(program: str, profile: Path, microphone: Path | None = None) -> Iterator[Browser]:
    """Start a browser that reaches this computer alone; end it in the end.

    Its microphone, which every page may use, plays a WAV file of 16 bits; without one there is none.
    """
    to_browser, write = os.pipe()
    read, from_browser = os.pipe()
    command = [
        sys.executable,
        "-c",
        _START,
        str(to_browser),
        str(from_browser),
        program,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        f"--user-data-dir={profile}",
        "--remote-debugging-pipe",
    ]
    if microphone is not None:
        command += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        command += [f"--use-file-for-fake-audio-capture={microphone}"]
    process = subprocess.Popen(
        command, pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(to_browser)
    os.close(from_browser)
    try:
        browser = Browser(write, read)
        yield browser
        browser.ask("Browser.close", session=None)
        process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
        os.close(write)
        os.close(read)
