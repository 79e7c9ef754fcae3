"""A static server on loopback that answers like the nginx of `fab setup`: same headers, same 404 page."""

import contextlib
import functools
import gzip
import http.server
import mimetypes
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from checks import nginx

# Those of nginx's own mime.types, where Python's differ or lack them.
_TYPES = {".avif": "image/avif", ".webp": "image/webp", ".atom": "application/atom+xml"}
_TYPES |= {".rss": "application/rss+xml", ".xml": "text/xml", ".woff2": "font/woff2"}
_WITH_CHARSET = {"text/html", "text/xml", "text/plain", "application/rss+xml"}  # nginx's charset_types


@contextlib.contextmanager
def served(folder: Path, block: tuple[nginx.Directive, ...]) -> Iterator[str]:
    """Serve *folder* as *block* says while the context lasts, and give the address, without a last slash."""
    (server,) = nginx.named(block, "server")

    site = _Site(folder.resolve(), block, server.block)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, site)) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}"
        finally:
            listening.shutdown()
            thread.join()


def tried(folder: Path, path: str) -> Path | None:
    """Return the file below *folder* that the site's `try_files` finds for *path*, or None."""
    below = (folder / path.lstrip("/")).resolve()
    tries = (below, below / "index.html", below.with_name(f"{below.name}.html"))
    return next((one for one in tries if one.is_relative_to(folder) and one.is_file()), None)


@dataclass(frozen=True)
class _Site:
    folder: Path
    block: tuple[nginx.Directive, ...]
    server: tuple[nginx.Directive, ...]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: _Site, *args: Any) -> None:
        self.site = site
        super().__init__(*args)

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        found = self._file(path)
        self._answer(path, 200 if found else 404, found or self.site.folder / "404.html")

    do_HEAD = do_GET

    def _file(self, path: str) -> Path | None:
        """Return the file to answer with, or None."""
        if nginx.named(nginx.location(self.site.server, path).block, "return"):
            return None
        return tried(self.site.folder, path)

    def _answer(self, path: str, status: int, file: Path) -> None:
        kind = self._type(path, file)
        body, encoding = self._encoded(file, kind)
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind in _WITH_CHARSET else kind)
        self.send_header("Content-Length", str(len(body)))
        if encoding:
            self.send_header("Content-Encoding", encoding)
            self.send_header("Vary", "Accept-Encoding")
        for name, value in nginx.headers(self.site.block, self.site.server, path, status == 200).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _type(self, path: str, file: Path) -> str:
        place = nginx.location(self.site.server, path).block
        default = nginx.named(place, "default_type")
        types = [row for rows in nginx.named(place, "types") for row in rows.block]
        for row in types:
            if file.suffix.lstrip(".") in row.words[1:]:
                return row.words[0]
        if default and nginx.named(place, "types"):
            return default[0].words[1]
        known = _TYPES.get(file.suffix) or mimetypes.types_map.get(file.suffix)
        return known or "application/octet-stream"

    def _encoded(self, file: Path, kind: str) -> tuple[bytes, str]:
        """Return the bytes to send: made beforehand, packed now if nginx would, or as they are."""
        accepted = self.headers.get("Accept-Encoding", "")
        for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
            packed = file.with_name(file.name + suffix)
            if encoding in accepted and packed.is_file():
                return packed.read_bytes(), encoding
        body = file.read_bytes()
        if "gzip" in accepted and kind in self._packed_types():
            return gzip.compress(body, 1, mtime=0), "gzip"  # nginx's gzip_comp_level
        return body, ""

    def _packed_types(self) -> set[str]:
        rows = nginx.named(self.site.server, "gzip_types")
        return {"text/html"} | {word for row in rows for word in row.words[1:]}

    def log_message(self, format: str, *args: Any) -> None:
        pass
