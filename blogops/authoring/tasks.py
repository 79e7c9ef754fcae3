"""What an author types: ``fab new``, ``fab serve``, ``fab check``, ``fab mv``. See docs/writing.md."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from blogops import config as configuration
from blogops import console
from blogops.config import Config
from blogops.errors import ExitCode
from blogops.tasks import friendly

# The rest is imported where it is needed: docutils, Jinja2 and Tornado cost what other tasks need not pay.

_CONFIG = {"config": "path of blog.toml (default: BLOGOPS_CONFIG, else the working folder's)"}
CHECK = {
    "json": "print a list of objects: file, line, column, level, kind, message",
    "strict": "let warnings fail too: exit code 4",
    "external": "ask other sites whether links to them are still alive (a few at once, gently)",
}


@task(
    positional=["title"],
    help=_CONFIG
    | {
        "title": "the title, in quotes",
        "category": "its category; templates/new/CATEGORY.rst of yours is used if there is one",
        "lang": "its language, if it is not the site's",
        "slug": "its slug (default: made from the title); that of the original for a translation",
        "page": "a page rather than a post",
        "publish": "with `:status: published`: the next deploy publishes it",
    },
)
@friendly
def new(
    c: Context,
    title: str,
    category: str = "",
    lang: str = "",
    slug: str = "",
    page: bool = False,
    publish: bool = False,
    config: str = "",
) -> None:
    """Write the file of a new post, a draft with title and date filled in, and print its path."""
    from blogops.authoring.new import Wanted, new

    wanted = Wanted(title=title, category=category, language=lang, slug=slug, page=page, publish=publish)
    path = new(_loaded(config), wanted, datetime.now(UTC))
    console.data(_near(path))


@task(
    help=_CONFIG
    | {"port": "the port on this machine (default: 8000; 0: any that is free)", "open": "open a browser"}
)
@friendly
def serve(c: Context, port: int = 8000, open: bool = True, config: str = "") -> None:
    """Show the site on this machine, drafts too, and again at each save; Ctrl-C ends it."""
    from blogops.authoring.serve import serve

    serve(configuration.find(config), port=port, browser=open, tell=console.say)


@task(help=_CONFIG | CHECK)
@friendly
def check(
    c: Context, json: bool = False, strict: bool = False, external: bool = False, config: str = ""
) -> None:
    """Look for what is wrong with the blog: dead links, unknown metadata, ...; 4 if there are errors."""
    look(_loaded(config), json=json, strict=strict, external=external)


@task(
    positional=["old", "new"],
    help=_CONFIG
    | {
        "old": "the post's file, or its slug",
        "new": "its new slug, or a new file name that ends in .rst",
        "dry_run": "say what would be done, and change nothing",
    },
)
@friendly
def mv(c: Context, old: str, new: str, dry_run: bool = False, config: str = "") -> None:
    """Give a post another slug (its old address leads on, in all languages) or another file name."""
    from blogops.authoring import changes, mv

    move = mv.plan(_loaded(config), old, new, datetime.now(UTC))
    if not dry_run:
        changes.perform(move)
    for sentence in move.said:
        console.say(sentence)
    if dry_run:
        console.say("Nothing was changed.", "bold")


def look(config: Config, *, json: bool, strict: bool, external: bool) -> None:
    """Check the blog of *config* and tell what was found, one finding a line.

    Ends with 4 where there is an error, or, if *strict*, a warning.
    """
    from blogops.authoring.check import check

    found = check(config, now=datetime.now(UTC), external=external)
    if json:
        console.report([asdict(each) for each in found])
    else:
        for each in found:
            console.say(str(each), "red" if each.level == "error" else "yellow")
        errors = sum(each.level == "error" for each in found)
        console.say(
            f"{errors} errors, {len(found) - errors} warnings" if found else "nothing to mend", "bold"
        )
    if any(strict or each.level == "error" for each in found):
        raise Exit(code=int(ExitCode.FAILED))


def _loaded(path: str) -> Config:
    return configuration.load(configuration.find(path))


def _near(path: Path) -> str:
    """Return *path* as it is typed from here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
