"""The server behind the page: it sends nothing that asks elsewhere for anything, and browsers are told to refuse it."""

import importlib.util
import ipaddress
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from mtser.demo.limits import Limits
from mtser.errors import ConfigError
from mtser.prediction.predictor import Predictor

POLICY = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self' data: blob:; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'self'"
)
"""Content security policy: the page's own server alone."""


def serve(
    predictor: Predictor, *, model: str, host: str = "127.0.0.1", port: int = 7860, limits: Limits | None = None
) -> None:
    """Serve the page until Ctrl-C or SIGTERM.

    Parameters
    ----------
    predictor
        Judges the recordings.
    model
        What the page calls the model.
    host, port
        Where to listen; port 0 for any free one.
    limits
        Of a recording.

    Raises
    ------
    ConfigError
        If gradio is missing, or it cannot listen there.
    """
    listening = _listen(host, port)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)
    with tempfile.TemporaryDirectory(prefix="mtser-demo-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder  # uploads lie here, and go with it
        app = make_app(predictor, limits or Limits(), model=model, host=host)
        import uvicorn

        address, number = listening.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        print(f"mtser demo: http://{shown}:{number}  (Ctrl-C stops it)", flush=True)
        if not _is_loopback(host):
            print("! everybody who reaches this computer can use the page.", file=sys.stderr)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


def make_app(predictor: Predictor, limits: Limits, *, model: str, host: str = "127.0.0.1") -> Any:
    """The page as an ASGI application.

    Parameters
    ----------
    host
        Where it is reached. On a loopback address only requests that name one are answered, so that no other page in
        the same browser gets at it under a name of its own.

    Raises
    ------
    ConfigError
        If gradio is missing.
    """
    check_gradio()
    _stay_at_home()
    import gradio
    from fastapi import FastAPI
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from mtser.demo.page import CSS, make_page

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(_WithPolicy)
    if _is_loopback(host):
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1", "[::1]", host])
    plain = gradio.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    return gradio.mount_gradio_app(
        app,
        make_page(predictor, limits, model=model),
        path="/",
        theme=plain,
        css=CSS,
        show_error=False,
        footer_links=[],
        max_file_size=int(limits.megabytes * 1e6),
        ssr_mode=False,
        pwa=False,
    )


def check_gradio() -> None:
    """See that gradio is there, without the seconds that importing it takes.

    Raises
    ------
    ConfigError
        If it is not.
    """
    if importlib.util.find_spec("gradio") is None:
        raise ConfigError("the demo needs gradio; install it with pip install mtser[demo].")


class _WithPolicy:
    """Adds the headers that keep browsers from asking elsewhere."""

    _HEADERS = (
        (b"content-security-policy", POLICY.encode("ascii")),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    )

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._HEADERS]
            await send(message)

        await self._app(scope, receive, with_headers)


def _stay_at_home() -> None:
    """Tell gradio and what it brings along to ask nothing of the network, and keep nothing in the browser."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_RUN_HISTORY"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    for name in ("httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _end(number: int, _: object) -> None:
    """What a service manager asks for is an end like any other: with what has to be put away."""
    sys.exit(128 + number)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(64)  # from now on a browser waits instead of being refused
    except (OSError, UnicodeError) as error:  # the latter of a host whose name cannot be one
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot listen on {host}, port {port} ({why}); give another --host or --port.") from error
    return listening
