"""A local server that shows the site as it would be, and again at each save (docs/decisions/0009).

Laptop only: nothing of the server half imports this module or Tornado.
"""

import asyncio
import contextlib
import datetime as dt
import mimetypes
import os
import secrets
import signal
import sys
import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado import httpserver, netutil, web, websocket

from blogops import config as configuration
from blogops.authoring import overlay, watch
from blogops.authoring.preview import Preview
from blogops.errors import Failed, OpsError, UsageError

HOST = "127.0.0.1"
PORT = 8000
_LAST_PORT = 65535

# Between two looks at the files: seconds, and how many times as long as a look takes.
_PAUSE, _SHARE = 0.05, 20
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    # What nginx sends, and the preview's own script.
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; "
    "font-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
}
_TYPES = {
    ".atom.xml": "application/atom+xml",
    ".rss.xml": "application/rss+xml",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".js": "text/javascript",
}

Tell = Callable[[str], None]


def serve(blog_toml: Path, *, port: int = PORT, browser: bool = True, tell: Tell) -> None:
    """Show the site of *blog_toml* at a loopback *port* (0: any that is free) until Ctrl-C.

    What happens is told to *tell*. Raises `UsageError` for a port that is none, `Failed` when it is taken.
    """
    if not 0 <= port <= _LAST_PORT:
        raise UsageError(
            f"{port} is not a port", hint=f"Name one up to {_LAST_PORT}, or 0: any that is free."
        )
    try:
        sockets = netutil.bind_sockets(port, HOST)
    except OSError as error:
        raise Failed(
            f"port {port} cannot be had: {error.strerror}", hint=f"Take another one: --port {port + 1}."
        ) from error
    server = _Server(Preview(blog_toml), tell)
    # SIGTERM ends it like Ctrl-C.
    before = {each: signal.signal(each, server.interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        asyncio.run(server.run(sockets, browser))
    except (KeyboardInterrupt, asyncio.CancelledError):
        tell("stopped")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for each in sockets:
            each.close()


@dataclass
class _Server:
    """The preview, who looks at it, and how often it was made."""

    preview: Preview
    tell: Tell
    started: str = field(default_factory=lambda: secrets.token_hex(4))
    count: int = 0
    listeners: set["_Changes"] = field(default_factory=set)
    _asleep: asyncio.Task[Any] | None = None

    def interrupt(self, number: int, frame: object) -> None:
        """End it at once, even while a text is read, and with nothing left running.

        asyncio's own handler would wait for a build to end. An exception in the midst of asyncio would lose a
        task that was just about to go on.
        """
        if not self._asleep:
            raise KeyboardInterrupt
        self._asleep.cancel()

    @property
    def version(self) -> str:
        """What a page was made from: another one after each change and each start."""
        return f"{self.started}-{self.count}"

    async def run(self, sockets: list[Any], browser: bool) -> None:
        """Answer requests and follow the files, for ever."""
        config = None
        with contextlib.suppress(OpsError):  # the first build tells of it
            config = configuration.load(self.preview.blog_toml)
        # Before that build: what is saved during it counts.
        found = watch.state(self.preview.blog_toml, config)
        self._renew([])
        http = httpserver.HTTPServer(self._application())
        http.add_sockets(sockets)
        address = f"http://{HOST}:{sockets[0].getsockname()[1]}/"
        self.tell(f"{address} shows your site, and again when you save; Ctrl-C ends it")
        if browser and (
            sys.platform == "darwin" or os.environ.get("DISPLAY", os.environ.get("WAYLAND_DISPLAY"))
        ):
            webbrowser.open(address)
        await self._follow(found)

    async def _follow(self, before: watch.State) -> None:
        pause = 0.0
        while True:
            self._asleep = asyncio.current_task()
            await asyncio.sleep(pause)
            self._asleep = None
            began = time.monotonic()
            after = watch.state(self.preview.blog_toml, self.preview.config)
            pause = max(_PAUSE, _SHARE * (time.monotonic() - began))
            paths = watch.changed(before, after)
            before = after
            if paths:
                self._renew(paths)
                self._announce()

    def _renew(self, paths: list[str]) -> None:
        began = time.monotonic()
        self.preview.renew(dt.datetime.now(dt.UTC))
        self.count += 1
        what = Path(paths[0]).name if paths else "built"
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        self.tell(f"{what}{more}: {self.preview.pages} pages in {time.monotonic() - began:.2f} s")
        for trouble in self.preview.troubles:
            where = f"{trouble.where}: " if trouble.where else ""
            self.tell(f"  {where}{trouble.problem}")
        for warning in self.preview.warnings:
            self.tell(f"  warning: {warning}")

    def _announce(self) -> None:
        for listener in list(self.listeners):
            listener.announce(self.version)

    def _application(self) -> web.Application:
        given = {"server": self}
        return web.Application(
            [
                (r"/_preview/changes", _Changes, given),
                (r"/_preview/reload\.js", _Own, {"body": overlay.SCRIPT, "kind": "text/javascript"}),
                (r"/_preview/overlay\.css", _Own, {"body": overlay.STYLE, "kind": "text/css"}),
                (r"/.*", _Page, given),
            ],
            log_function=lambda _: None,
        )


def _is_ours(host: str) -> bool:
    """Tell whether *host* is this machine: another name may be anybody's who wants to see the drafts."""
    return host.rpartition(":")[0] in (HOST, "localhost") or host in (HOST, "localhost")


class _Base(web.RequestHandler):
    """Every answer: to this machine only, and never remembered."""

    def prepare(self) -> None:
        """Refuse a request to another host name."""
        if not _is_ours(self.request.host):
            raise web.HTTPError(403)

    def set_default_headers(self) -> None:
        """Set what each answer carries."""
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def compute_etag(self) -> None:
        """Give none: nothing is to be remembered."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the status alone."""
        self.finish(f"{status_code}\n")


class _Own(_Base):
    """A file of the preview's own."""

    def initialize(self, body: str, kind: str) -> None:
        """Take what is to be answered."""
        self.body, self.kind = body, kind

    def get(self) -> None:
        """Answer it."""
        self.set_header("Content-Type", f"{self.kind}; charset=utf-8")
        self.finish(self.body)


class _Page(_Base):
    """A file of the site."""

    def initialize(self, server: _Server) -> None:
        """Take the server."""
        self.server = server

    def get(self) -> None:
        """Answer with the file, dressed if it is a page."""
        answer = self.server.preview.answer(self.request.path)
        if answer.status == 301:
            self.redirect(answer.target, permanent=True)
            return
        self.set_status(answer.status)
        body = answer.body
        kind = _type(answer.path) if body else "text/html"
        if kind == "text/html":
            alone = {404: "404: no such page", 410: "410: this page is gone"}
            body = body or overlay.page(alone.get(answer.status, "This page cannot be shown"))
            body = overlay.dressed(body, self.server.version, answer.troubles)
        self.set_header("Content-Type", f"{kind}; charset=utf-8" if _is_text(kind) else kind)
        self.finish(body)

    head = get


def _type(path: str) -> str:
    for ending, kind in _TYPES.items():
        if path.endswith(ending):
            return kind
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind.endswith(("xml", "json"))


class _Changes(websocket.WebSocketHandler):
    """A page that waits for a change: it is told the version, at once and when there is another."""

    def initialize(self, server: _Server) -> None:
        """Take the server."""
        self.server = server

    def prepare(self) -> None:
        """Refuse a request to another host name."""
        if not _is_ours(self.request.host):
            raise web.HTTPError(403)

    def open(self, *args: str, **kwargs: str) -> None:
        """Tell the version; the page may be older already."""
        self.server.listeners.add(self)
        self.announce(self.server.version)

    def on_message(self, message: str | bytes) -> None:
        """Pages have nothing to say."""

    def on_close(self) -> None:
        """Forget the page."""
        self.server.listeners.discard(self)

    def announce(self, version: str) -> None:
        """Tell *version*, unless the page has gone meanwhile."""
        try:
            self.write_message(version)
        except websocket.WebSocketClosedError:
            self.server.listeners.discard(self)
