"""Where the addresses lead that are no page any more: to another (301), or nowhere again (410)."""

import json
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote, unquote

from blogops.headers import Rule, rule
from blogops.website.redirects import inside
from blogops.website.served import file_at

Moves = dict[str, str | None]


class Address(NamedTuple):
    """The address of a published or hidden post or page, and what to know it by when it moves.

    *identity* is its feed id, *source* its file below the content folder, *digest* the hash of its title
    and text.
    """

    url: str
    identity: str
    source: str
    digest: str

    @property
    def path(self) -> str:
        """Its address as nginx compares it: decoded."""
        return unquote(self.url)


@dataclass(frozen=True)
class Manifest:
    """What a release has to tell the next one, and nginx: its addresses, and what its author wrote of any.

    *declared* holds pairs of an old path (decoded) and its target (encoded, or empty for 410), *headers* the
    rules of the headers file. *expired* are the paths of what its author took down by ``:expires:``, and
    the old ones that led there.
    """

    addresses: tuple[Address, ...]
    declared: tuple[tuple[str, str], ...]
    expired: tuple[str, ...] = ()
    headers: tuple[Rule, ...] = ()

    @cached_property
    def json(self) -> str:
        """The manifest as it lies in a release; the same one gives the same bytes."""
        # A line for each; json's own indent is slow, for a rebuild as much as the sweep of all files.
        encoded = json.JSONEncoder(ensure_ascii=False).encode
        addresses = ",\n".join(encoded(each._asdict()) for each in self.addresses)
        declared, expired, headers = map(encoded, (self.declared, self.expired, self.headers))
        lines = f'"declared": {declared},\n"expired": {expired},\n"headers": {headers}'
        return f'{{"addresses": [\n{addresses}\n],\n{lines}}}\n'

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Return the manifest that `json` is; raises `ValueError` for anything else."""
        try:
            data = json.loads(text)
            addresses = tuple(Address(**item) for item in data["addresses"])
            declared = tuple((old, target) for old, target in data["declared"])
            expired = tuple(data.get("expired", ()))
            headers = tuple(rule(*item) for item in data.get("headers", ()))
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"not a manifest: {error}") from error
        if not all(isinstance(text, str) for text in (*chain(*addresses, *declared), *expired)):
            raise ValueError("not a manifest: an address is no text")
        return cls(addresses, declared, expired, headers)


def moves(
    now: Manifest,
    before: Manifest | None,
    carried: Mapping[str, str | None],
    files: Container[str] = frozenset(),
) -> Moves:
    """Return the old paths of *now*, each with its target (301), or None where it is gone (410).

    *before* is the manifest of the release that is live, *carried* what was moved there already. A path
    that is a page of *now*, or leads to one of its *files* (as a list that came back), is never among them,
    and a target is never one that has moved itself. Made again, with itself as *carried* and *now* as
    *before*, it is the same.
    """
    here = frozenset(address.path for address in now.addresses)
    left = _left(now, before, here) if before else {}
    kept = _kept(carried, dict(before.declared) if before else {}, left)
    declared = {old: target or None for old, target in now.declared}
    expired: Moves = dict.fromkeys(now.expired)
    known = kept | left | expired | declared
    moved = (old for old in sorted(known) if old not in here and not file_at(old, files))
    over = {old for old, target in now.declared if not target}
    return ended({old: known[old] for old in moved}, over)


def ended(known: Mapping[str, str | None], over: Container[str] = frozenset()) -> Moves:
    """Return each old path with its last target, over as many moves as there are.

    One that led to what is gone keeps that target: it may come back, unless it is *over*, and whoever answers
    looks once more.
    """
    return {old: _end(old, known, over) for old in known}


def _left(now: Manifest, before: Manifest, here: frozenset[str]) -> Moves:
    """Return the addresses of *before* that *now* has no more, and where the same text is found now."""
    went = [address for address in before.addresses if address.path not in here]
    known = {address.identity for address in before.addresses}
    # What stood there before under a name of its own is no other text's new place.
    new = [address for address in now.addresses if address.identity not in known]
    by_identity = _only(now.addresses, lambda address: address.identity)
    by_source = _only(new, lambda address: address.source)
    by_digest = _only(new, lambda address: address.digest)
    twins = Counter(address.digest for address in went)
    found: Moves = {}
    for address in went:
        same = by_identity.get(address.identity) or by_source.get(address.source)
        if not same and twins[address.digest] == 1:
            same = by_digest.get(address.digest)
        found[address.path] = quote(same.path) if same else None
    return found


def _only(addresses: Iterable[Address], key: Callable[[Address], str]) -> dict[str, Address]:
    """Return the addresses by *key*, without those that share it with another."""
    listed = list(addresses)
    times = Counter(key(address) for address in listed)
    return {key(address): address for address in listed if times[key(address)] == 1}


def _kept(carried: Mapping[str, str | None], declared: Mapping[str, str], left: Moves) -> Moves:
    """Return what stays of *carried*: all but what its author had declared and took back.

    A declared one whose page has left goes where the page went: an alias of a deleted post is gone too.
    """
    return {
        old: target for old, target in carried.items() if old not in declared or inside(target or "") in left
    }


def _end(old: str, known: Mapping[str, str | None], over: Container[str]) -> str | None:
    """Return the last target of *old*; in a circle there is none."""
    seen, last = set[str](), None
    while old not in seen:
        seen.add(old)
        target = known[old]
        if target is None:
            return None if old in over else last
        last, old = target, inside(target)
        if old not in known:
            return target
    return None
