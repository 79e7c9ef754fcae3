"""Everything that can be found wrong with a blog before its readers find it."""

import datetime as dt

from blogops.authoring import external as other_sites
from blogops.authoring import texts
from blogops.authoring.finding import ERROR, WARNING, Finding, of_failure, of_note
from blogops.authoring.links import LinkCheck, Outside
from blogops.authoring.manuscript import cache_of, quick
from blogops.authoring.pages import Built
from blogops.config import Config
from blogops.errors import Failed
from blogops.website.extensions import loaded
from blogops.website.memory import Memory
from blogops.website.notes import Notes
from blogops.website.store import DATABASE, Store
from blogops.website.survey import survey


def check(config: Config, *, now: dt.datetime, external: bool = False) -> list[Finding]:
    """Return what is wrong with the blog of *config*, by file and line; nothing is published.

    Every page is rendered, and nothing is written but what is remembered in ``var/work/cache``. Other sites
    are asked only if *external*. Raises `UsageError` when there is no content folder.
    """
    notes = Notes()
    found: list[Finding] = []
    outside: list[Outside] = []
    try:
        with loaded(config) as extensions, Store(cache_of(config) / DATABASE) as store:
            cache = cache_of(config)
            seen = survey(quick(config), extensions, notes, now=now, cache=cache, memory=Memory(store))
            seen.pictures.keep()
            store.commit()
            built = Built(config, seen)
            links = LinkCheck(built)
            found += links.findings()
            found += texts.findings_of(seen, config, links.used)
            found += built.failures
            outside = links.outside
    except Failed as error:
        found.append(of_failure(error))
    found += [of_note(note, ERROR) for note in notes.problems]
    found += [of_note(note, WARNING) for note in notes.warnings]
    if external:
        found += other_sites.findings_of(outside, cache_of(config) / "links.json", now)
    return sorted(set(found))
