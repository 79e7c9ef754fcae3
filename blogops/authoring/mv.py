"""Another slug or another file name for a text; what led to it leads to it still."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from blogops.authoring.changes import Change, Move
from blogops.authoring.manuscript import Text, named, texts
from blogops.authoring.relink import following, refuse_included, relinked
from blogops.authoring.version import Version
from blogops.config import Config
from blogops.errors import Refused, UsageError
from blogops.website.discover import discover, shown, source_at
from blogops.website.extensions import loaded
from blogops.website.metadata import Facts
from blogops.website.model import Entry
from blogops.website.notes import Notes
from blogops.website.slugs import slugs_for

_SEEN_BY_READERS = ("published", "hidden")
_SAME = (
    *("slug", "title", "lang", "status", "date", "modified"),
    *("category", "tags", "authors", "series", "place", "aliases"),
)

# What is written as a field of another name.
_FIELDS = {"identity": "id", "place": "save_as"}


def plan(config: Config, old: str, new: str, now: dt.datetime) -> Move:
    """Work out how the text *old* (its file or slug) comes to *new*: a slug, or a file name ending in .rst.

    All languages of a slug move together. A text that readers know keeps its old address as an alias, and
    its id for feed readers. Links to a renamed file follow it. Nothing is written. Raises `UsageError` for a
    name that cannot be, `Refused` where the new one is taken or something would be lost.
    """
    found = texts(config, now)
    chosen = named(old, found, config)
    with loaded(config):
        if new.endswith(".rst"):
            move = _renamed(_one(chosen, old), new, found, Facts(config, now))
        else:
            move = _slugged(chosen, new, found, Facts(config, now))
    _refuse_linked(move, config)
    return move


def _one(chosen: list[Text], old: str) -> Text:
    by_file = [each for each in chosen if Path(old).name == each[0].source.path.name]
    if len(by_file or chosen) > 1:
        files = ", ".join(each.source.shown for each, _ in chosen)
        raise Refused(f'"{old}" is in several languages: {files}', hint="Name the file. Nothing was changed.")
    return (by_file or chosen)[0]


def _slugged(chosen: list[Text], slug: str, found: list[Text], facts: Facts) -> Move:
    clean = slugs_for("slug", facts.config).of(slug)
    if slug != clean:
        advice = (
            f'Write "{clean}", or a file name that ends in .rst.' if clean else "Write letters and digits."
        )
        raise UsageError(f'"{slug}" is not a slug', hint=f"{advice} Nothing was changed.")
    _refuse_taken(chosen, slug, found)
    changes, said = [], []
    for each, _ in chosen:
        change, told = _with_slug(each, slug, facts)
        changes.append(change)
        said += told
    return Move(tuple(changes), tuple(said))


def _refuse_taken(chosen: list[Text], slug: str, found: list[Text]) -> None:
    page = chosen[0][0].source.page
    if chosen[0][0].slug == slug:
        raise Refused(f'its slug is "{slug}" already', where=chosen[0][0].source.shown)
    for each, _ in found:
        if each.slug == slug and each.source.page == page:
            raise Refused(
                f'the slug "{slug}" is taken',
                where=each.source.shown,
                hint="Choose another one, or move that text first. Nothing was changed.",
            )


def _with_slug(each: Entry, slug: str, facts: Facts) -> tuple[Change, list[str]]:
    before = Version(each.source, each.source.path.read_bytes(), facts)
    after = before.having("slug", slug)
    url = after.entry.url
    said = [f"{each.source.shown}: slug {each.slug} -> {slug}, address {each.url} -> {url}"]
    aliases = each.aliases
    if each.status in _SEEN_BY_READERS and url != each.url:
        # Back at an address it once had, that one is no alias any more.
        others = (alias for alias in aliases if "/" + alias.lstrip("/") != unquote(url))
        aliases = tuple(dict.fromkeys([*others, each.url]))
        after = after.having("aliases", " ".join(aliases))
        after = after.having("id", each.identity)
        said.append(f"{each.source.shown}: {each.url} leads there by :aliases:, and :id: keeps its feed id")
    _check_nothing_lost(before, after, {"slug": slug, "aliases": aliases, "place": after.entry.place})
    return Change(each.source.path, before.data, after.data, each.source.path), said


def _renamed(text: Text, name: str, found: list[Text], facts: Facts) -> Move:
    each, _ = text
    target = each.source.path.with_name(PurePosixPath(name).name)
    if "/" in name and Path(name).absolute().parent != each.source.path.absolute().parent:
        raise UsageError(
            f'"{name}" is in another folder, which may be another category',
            hint="Give a file name: it stays in its folder. Nothing was changed.",
        )
    if target.exists():
        raise Refused(
            "there is such a file already", where=shown(target, facts.config), hint="Nothing was changed."
        )
    before = Version(each.source, each.source.path.read_bytes(), facts)
    source = source_at(str(PurePosixPath(each.source.name).with_name(target.name)), facts.config)
    if not source or source.page != each.source.page:
        raise UsageError(
            f'"{name}" is no name of a {"page" if each.source.page else "post"}',
            where=str(facts.config.path),
            hint="Give another one, or see the table [content] there. Nothing was changed.",
        )
    after = Version(source, before.data, facts)
    if after.entry.slug != each.slug:
        after = after.having("slug", each.slug)
    if after.entry.identity != each.identity and each.status in _SEEN_BY_READERS:
        after = after.having("id", each.identity)
    _check_nothing_lost(before, after, {})
    _refuse_unreadable(each, found, facts.config)
    refuse_included(each, found, facts.config)
    others = list(relinked(each, target.name, found, facts))
    moved = Change(each.source.path, before.data, following(after, each, target.name).data, target)
    said = [f"{each.source.shown} -> {source.shown}, still at {each.url}"]
    said += [f"{shown(change.path, facts.config)}: its links follow" for change in others]
    return Move((*others, moved), tuple(said))


def _refuse_unreadable(moved: Entry, found: list[Text], config: Config) -> None:
    """Raise `Refused` where a text with problems may link to the file: its links could not follow."""
    read = {each.source.path for each, _ in found}
    for source in discover(config, Notes()).sources:
        if source.path not in read and moved.source.path.name.encode() in source.path.read_bytes():
            raise Refused(
                f"speaks of {moved.source.path.name}, and has problems of its own",
                where=source.shown,
                hint="Mend it first, so that its links can follow: see `fab check`. Nothing was changed.",
            )


def _refuse_linked(move: Move, config: Config) -> None:
    """Raise `Refused` where a file to change is a link, or a link leads to the one to be renamed."""
    states = discover(config, Notes()).states
    paths = {change.path for change in move.changes}
    renamed = {change.path.resolve() for change in move.changes if change.to != change.path}
    for link in (config.manuscript / name for name, state in states.items() if state.is_link):
        if link in paths or link.resolve() in renamed:
            raise Refused(
                f"is a link to {link.readlink()}",
                where=shown(link, config),
                hint="Put a text of its own there, or do by hand what is to be done. Nothing was changed.",
            )


def _check_nothing_lost(before: Version, after: Version, wanted: Mapping[str, object]) -> None:
    """Raise `Refused` where the text would be another one than before, but for what is *wanted*."""
    is_seen = before.entry.status in _SEEN_BY_READERS
    for name in (*_SAME, "identity") if is_seen else _SAME:
        if wanted.get(name, getattr(before.entry, name)) != getattr(after.entry, name):
            raise _lost(_FIELDS.get(name, name), before)
    fields, others = before.fields, after.fields
    for name in sorted((fields.keys() | others.keys()) - {"slug", "aliases", "id" if is_seen else ""}):
        if fields.get(name) != others.get(name):
            raise _lost(name, before)
    if before.html != after.html:
        raise Refused("its text would be another one", where=before.source.shown, hint="Nothing was changed.")


def _lost(name: str, before: Version) -> Refused:
    if name in before.text[1].fields:
        advice = "Its fields cannot be told from each other: write :slug: by hand."
    else:
        advice = f"Its file name or blog.toml tells it: write :{name}: in the text."
    hint = f"{advice} Nothing was changed."
    return Refused(f"its {name} would be another one", where=before.source.shown, hint=hint)
