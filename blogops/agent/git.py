"""Working copies of git: they only ever go forward, and nothing local is thrown away."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from . import places
from .finding import Finding, ResourceError
from .host import Host
from .writing import state_of

# Asks for nothing, and a look does not even refresh the index.
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
_NAMED = 5  # files or branches that an error names


def look_git_working_copy(host: Host, name: str, want: dict[str, Any]) -> Finding:
    """``git_working_copy``: a clone of the address, on the branch, with ``update`` at its newest commit."""
    path = host.path(name)
    if _is_missing(path, name, want["user"]):
        return Finding(f"cloned, branch {want['branch']}", lambda: _clone(host, path, want))
    commit, branch = _git(host, path, want, "rev-parse", "HEAD", "--abbrev-ref", "HEAD").split()
    url = _url(host, path, want)
    tip = _tip(host, want) if want["update"] else commit
    reasons = [] if url == want["remote_url"] else [f"address {url or 'none'}"]
    if branch != want["branch"]:
        reasons.append(f"branch {want['branch']} (was {'none' if branch == 'HEAD' else branch})")
    if tip != commit and not _contains(host, path, want, tip):
        reasons.append(f"{commit[:7]} → {tip[:7]}")
    if not reasons:
        return Finding(f"{branch} is at {commit[:7]}")
    if reasons != [f"address {url or 'none'}"]:
        _check_clean(host, path, name, want, branch)
    return Finding(", ".join(reasons), lambda: _update(host, path, name, want, branch))


def _is_missing(path: Path, name: str, user: str) -> bool:
    """Tell whether there is nothing at *path*; raise where there is what is no working copy of *user*."""
    state = state_of(path)
    if state is None:
        return True
    if not stat.S_ISDIR(state.st_mode):
        raise ResourceError(f"{name} exists and is not a git working copy; move it away")
    if (path / ".git").exists():
        places.check_owner(name, state, user)
        return False
    if any(path.iterdir()):
        raise ResourceError(f"{name} exists and is not a git working copy; move it away")
    return True


def _clone(host: Host, path: Path, want: dict[str, Any]) -> None:
    """Clone beside *path* and rename: a clone that is cut off leaves nothing that looks like one."""
    user = want["user"]
    _tip(host, want)
    host.wire.emit("doing", resource=str(path), why=f"git clone {want['remote_url']}")
    aside = path.with_name(f".{path.name}.blogops-new")
    if aside.exists():
        places.remove(host, aside, user)
    places.make(host, aside, user)
    words = ["git", "clone", "--quiet", "--branch", want["branch"], "--", want["remote_url"], str(aside)]
    try:
        host.run(words, user=user, environment=_ENVIRONMENT)
        places.move(host, aside, path, user)
    except BaseException:
        places.remove(host, aside, user)
        raise


def _update(host: Host, path: Path, name: str, want: dict[str, Any], current: str) -> None:
    branch, remote = want["branch"], f"refs/remotes/origin/{want['branch']}"
    if _url(host, path, want):
        _git(host, path, want, "remote", "set-url", "origin", want["remote_url"])
    else:
        _git(host, path, want, "remote", "add", "origin", want["remote_url"])
    if current == branch and not want["update"]:
        return
    if not want["update"]:
        _tip(host, want)  # else the look has asked
    _git(host, path, want, "fetch", "--quiet", "origin", f"+refs/heads/{branch}:{remote}")
    if current != branch:
        known = _succeeds(host, path, want, "show-ref", "--verify", "--quiet", f"refs/heads/{branch}")
        new = [branch] if known else ["-b", branch, "--track", f"origin/{branch}"]
        _git(host, path, want, "checkout", "--quiet", *new)
    if want["update"]:
        _forward(host, path, name, want, remote)


def _forward(host: Host, path: Path, name: str, want: dict[str, Any], remote: str) -> None:
    if _succeeds(host, path, want, "merge-base", "--is-ancestor", remote, "HEAD"):
        return
    if not _succeeds(host, path, want, "merge-base", "--is-ancestor", "HEAD", remote):
        hint = (
            f"Push them, or set them aside: git -C {name} branch mine && git -C {name} reset --keep {remote}"
        )
        raise ResourceError(
            f"{name} has commits that {want['remote_url']} lacks, and lacks some of it.\n{hint}"
        )
    _git(host, path, want, "merge", "--quiet", "--ff-only", remote)


def _tip(host: Host, want: dict[str, Any]) -> str:
    """Return the newest commit of the branch; raise where there is no such branch."""
    url = want["remote_url"]
    listed = host.run(["git", "ls-remote", "--heads", "--", url], user=want["user"], environment=_ENVIRONMENT)
    start = "refs/heads/"
    lines = [line.split("\t", 1) for line in listed.splitlines() if f"\t{start}" in line]
    heads = {head[len(start) :]: commit for commit, head in lines}
    if want["branch"] in heads:
        return heads[want["branch"]]
    names = ", ".join([*heads][:_NAMED]) or "none at all"
    raise ResourceError(f"{url} has no branch {want['branch']}; it has {names}")


def _check_clean(host: Host, path: Path, name: str, want: dict[str, Any], branch: str) -> None:
    """Raise where going on could lose what somebody did in the working copy."""
    listed = _git(host, path, want, "status", "--porcelain", "--untracked-files=no").splitlines()
    if listed:
        names = ", ".join(line[3:] for line in listed[:_NAMED])
        more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
        hint = f"Commit them there, or set them aside: git -C {name} stash"
        raise ResourceError(f"{name} has local changes in {names}{more}; they stay.\n{hint}")
    if branch == "HEAD" and not _git(host, path, want, "for-each-ref", "--count=1", "--contains", "HEAD"):
        hint = f"Give them one: git -C {name} branch mine"
        raise ResourceError(f"{name} has commits that are on no branch; they stay.\n{hint}")


def _contains(host: Host, path: Path, want: dict[str, Any], commit: str) -> bool:
    return _succeeds(host, path, want, "merge-base", "--is-ancestor", commit, "HEAD")


def _url(host: Host, path: Path, want: dict[str, Any]) -> str:
    return _git(host, path, want, "config", "--default", "", "--get", "remote.origin.url").strip()


def _succeeds(host: Host, path: Path, want: dict[str, Any], *words: str) -> bool:
    return host.succeeds(["git", "-C", str(path), *words], user=want["user"], environment=_ENVIRONMENT)


def _git(host: Host, path: Path, want: dict[str, Any], *words: str) -> str:
    # As the owner: git refuses the folder of somebody else, whose hooks and settings it would obey.
    return host.run(["git", "-C", str(path), *words], user=want["user"], environment=_ENVIRONMENT)
