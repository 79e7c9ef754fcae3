"""The manuscript comes from a repository: fetched, checked out, and its blog.toml settled."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from blogops import config as configuration
from blogops.config import Config
from blogops.errors import Failed, UsageError
from blogops.jobs.place import Place
from blogops.jobs.repository import GitFailed, Repository, by_ssh
from blogops.releases import Journal, Layout, write_file

_LINK = "120000"  # git's mode of a symbolic link


def manuscript(at: Place, journal: Journal, into: Path) -> Config:
    """Return the blog.toml to build by; where it comes from git, once the step ``fetch`` was taken."""
    sent = at.sent()
    if not at.fetches(sent):
        return sent
    with journal.step("fetch"):
        return fetched(at, journal, into)


def fetched(at: Place, journal: Journal, into: Path) -> Config:
    """Make the folder *into* hold the newest revision, and return its blog.toml.

    Raises `Failed` where it cannot be fetched, `UsageError` where its blog.toml names another repository.
    """
    sent = at.sent()
    files = _brought(at.layout, sent, journal, into)
    _refuse_links(into, (name for name, mode in files.items() if mode == _LINK))
    return _settled(sent, into, own=configuration.FILE_NAME in files)


def _brought(layout: Layout, sent: Config, journal: Journal, into: Path) -> dict[str, str]:
    """Fetch and check out; return the mode of each file by name."""
    content = sent.content
    try:
        found = _repository(layout, sent).bring(content.git, content.branch, into)
    except GitFailed as error:
        hint = _hint(str(error), layout, sent)
        raise Failed(f"{content.git} cannot be fetched: {error}", hint=hint) from error
    journal.revision, journal.change = found.id, found.change
    return dict(found.files)


def _repository(layout: Layout, sent: Config) -> Repository:
    if not shutil.which("git"):
        raise Failed("there is no git on this machine", hint="Run `fab setup`, which installs it.")
    if not sent.content.by_ssh:
        return Repository(folder=layout.git)
    key, pinned = layout.ssh / "deploy_key", sent.content.git_host_keys
    if not key.is_file():
        raise Failed(
            f"there is no {key}", hint="Run `fab setup`: it makes the key, and tells whom to give it."
        )
    known = layout.ssh / "known_hosts"
    if pinned:
        known = layout.work / "git-hosts"
        write_file(known, "".join(f"{line}\n" for line in pinned))
    return Repository(folder=layout.git, ssh=by_ssh(key=key, known_hosts=known, strict=bool(pinned)))


def _hint(reason: str, layout: Layout, sent: Config) -> str:
    """Return what to do next; what is live stays in any case."""
    if "Host key verification failed" in reason:
        keys = "content.git_host_keys" if sent.content.git_host_keys else f"{layout.ssh}/known_hosts"
        return f"The host has not the key that {keys} has. If the forge announced another one, put it there."
    if "Permission denied" in reason:
        public = layout.ssh / "deploy_key.pub"
        key = public.read_text(encoding="utf-8").strip() if public.is_file() else "of `fab setup`"
        return f"Give the repository this deploy key, to read only: {key}"
    if "couldn't find remote ref" in reason:
        return f'Is anything pushed, and to "{sent.content.branch}"? If to another, set content.branch.'
    if "could not read Username" in reason or "Authentication failed" in reason:
        return "It wants a password. Set content.git to its address by ssh; `fab setup` makes a deploy key."
    return "Nothing was built; what was live is live still. The next rebuild tries again."


def _refuse_links(tree: Path, links: Iterable[str]) -> None:
    """Refuse a link out of the repository: it would publish what lies on the server."""
    root = os.path.realpath(tree)
    for name in links:
        if not Path(os.path.realpath(tree / name)).is_relative_to(root):
            raise Failed(
                f"{name} is a link that leads out of the repository",
                hint="Put the file itself there, or a link inside the repository.",
            )


def _settled(sent: Config, tree: Path, *, own: bool) -> Config:
    """Return the repository's *own* blog.toml, if it has one; else the one that was sent, put there."""
    path = tree / configuration.FILE_NAME
    if not own:
        text = sent.path.read_text(encoding="utf-8")
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_file(path, text)
        return configuration.load(path)
    found = configuration.load(path)
    for key in ("git", "branch"):
        here, there = getattr(sent.content, key), getattr(found.content, key)
        if here != there:
            raise UsageError(
                f'content.{key} is "{there}" in the repository, and "{here}" in the blog.toml that was sent',
                where=str(path),
                hint="Say the same in both, push, and `fab deploy`.",
            )
    return found
