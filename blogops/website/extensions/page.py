"""What an author's ``pages`` hook yields."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blogops.website import addresses
from blogops.website.model import Place


@dataclass(frozen=True)
class Page:
    """A file of the site at the address *url*: *template* filled with *context*, or *body* as it is.

    *origin* is the extension that made it; the loader says so.
    """

    url: str
    template: str = ""
    context: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    body: str | bytes | None = None
    origin: str = ""

    @property
    def place(self) -> Place:
        """Its address and its file. Raises `addresses.BadPlace` where that is outside the site."""
        return addresses.place(self.url)

    @property
    def content(self) -> bytes:
        """The bytes of its *body*."""
        body = self.body or b""
        return body.encode() if isinstance(body, str) else body
