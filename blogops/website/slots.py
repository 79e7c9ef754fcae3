"""The places of addresses in a text that was read, and the real addresses in them."""

import html as html_text
import re
from collections.abc import Sequence

PLACE = re.compile("\x02(\\d+)\x03")
"""The place of the address with the number of the group."""

IMAGE = re.compile('<img\\b[^>]*?\\bsrc="\x02(\\d+)\x03"[^>]*>')
"""A picture whose address has the number of the group."""


def filled(html: str, addresses: Sequence[str], pictures: Sequence[tuple[int, str]] = ()) -> str:
    """Return *html* with its *addresses*; *pictures* are tags to show some of them by, with their numbers."""
    if pictures:
        tags = dict(pictures)
        html = IMAGE.sub(lambda match: tags.get(int(match[1]), match[0]), html)
    return PLACE.sub(lambda match: html_text.escape(addresses[int(match[1])]), html)
