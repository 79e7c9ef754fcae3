"""The author's front door: ``fab new``, ``fab serve``, ``fab setup``, ``fab deploy``, ``fab rollback``.

Each task is thin: connect, send, run ``blogops …`` there, show what it says. Without ``-H`` a task goes to
the hosts that blog.toml names.
"""

import contextlib
import getpass
import io
import json as json_text
import shlex
import socket
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TextIO

from fabric import Connection, task
from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit

from blogops import config as configuration
from blogops import console, provision
from blogops.authoring import tasks as author_tasks
from blogops.config import Config
from blogops.errors import ExitCode, OpsError, Refused, UsageError
from blogops.provision import Options, Require, blog, standalone, toolkit
from blogops.remote import as_user, asked_for, authorised_key, named, on_each, push, ready, run
from blogops.tasks import friendly
from blogops.vm import tasks as vm_tasks

_CONFIG = {"config": "path of blog.toml (default: BLOGOPS_CONFIG, else the working folder's)"}

# A person waits for the nightly rebuild to end rather than being sent away.
_PATIENTLY = ("--wait", "60")
# Where a manuscript goes that is only looked at.
_ASIDE = "work/plan-source"


_JSON = {"json": "print JSON"}
_PLAN = {
    "check": "change nothing, show what would change; exit code 10 if anything would",
    "explain": "print the commands it stands for, and connect to no host",
    "json": "print the events as JSON, one a line (docs/events.md)",
    "lock_timeout": "seconds to wait for another process that holds a lock of apt",
}


def _hosts(c: Context, config: Config) -> list[Connection]:
    """Return the host of ``-H`` that Fabric is at, or else those of blog.toml."""
    if isinstance(c, Connection):
        return [c]
    if not config.server.hosts:
        raise UsageError(
            "no host to go to", where=str(config.path), hint="Set server.hosts, or say `fab -H root@HOST …`."
        )
    return [named(host, c.config) for host in config.server.hosts]


def _owners(c: Context, config: Config) -> Iterator[Connection]:
    """Yield a connection to each host, logged in as the blog's user."""
    for host in _hosts(c, config):
        yield ready(as_user(host, config.server.name), config.server.host_keys)


def _on_server(c: Context, path: str, *words: str) -> None:
    """Run ``blogops WORDS`` as the blog's user on each host and end with its exit code."""
    config = configuration.load(configuration.find(path))
    for owner in _owners(c, config):
        _ended(_blogops(owner, config, *words))


def _blogops(c: Connection, config: Config, *words: str, out: TextIO | None = None) -> int:
    return _program(c, config, f"{config.server.root}/toolkit/current/bin/blogops", *words, out=out)


def _program(c: Connection, config: Config, program: str, *words: str, out: TextIO | None = None) -> int:
    """Run one of the server's programs for the blog; return its exit code."""
    code = run(c, shlex.join([program, *words, "--root", config.server.root]), out=out)
    if code == 127:
        raise UsageError(
            f"blogops is not on {c.original_host} yet", hint="Run `fab setup`, then `fab deploy`."
        )
    return code


def _ended(code: int) -> None:
    if code:
        raise Exit(code=code)


@task(help=_CONFIG | _PLAN)
@friendly
def setup(
    c: Context,
    check: bool = False,
    explain: bool = False,
    json: bool = False,
    lock_timeout: int = 600,
    config: str = "",
) -> None:
    """Make a blank Debian 12 or 13 ready for the blog (as root, or a sudoer); again, it changes nothing."""
    settings = configuration.load(configuration.find(config))
    options = Options(
        check=check, explain=explain, json=json, lock_timeout=lock_timeout, blobs=toolkit.blobs()
    )
    if explain:
        _set_up(Connection("localhost"), settings, options)
        return
    changes: list[int] = []

    def bring(host: Connection) -> None:
        ready(host, settings.server.host_keys)
        if not json:
            console.say(f"{'Checking' if check else 'Setting up'} {host.original_host}", "bold")
        changes.append(_set_up(host, settings, options))
        if settings.content.by_ssh and not (check or json):
            console.say("The deploy key. Add it to the repository at the forge, read only:", "bold")
            run(host, f"cat {blog.deploy_key(settings)}.pub")

    on_each(asked_for(c) if isinstance(c, Connection) else _hosts(c, settings), bring)
    if check and any(changes):
        raise Exit(code=int(ExitCode.WOULD_CHANGE))


def _set_up(host: Connection, settings: Config, options: Options) -> int:
    """Apply the blog's recipe, and return how much of it changes."""
    key = "ssh-ed25519 AAAAyourKey blogops" if options.explain else authorised_key(host)
    with provision.on(host, options) as require:
        blog.describe(require, settings, key=key)
    return require.outcome.changed + require.outcome.unknown


@task(help=_CONFIG | {"yes": "do not ask", "lock_timeout": _PLAN["lock_timeout"]})
@friendly
def purge(c: Context, yes: bool = False, lock_timeout: int = 600, config: str = "") -> None:
    """Remove the blog and every trace of it, and blogops with the last one, once you have agreed."""
    settings = configuration.load(configuration.find(config))

    for host in _hosts(c, settings):
        ready(host, settings.server.host_keys)
        console.say(f"This goes from {host.original_host}:", "bold")
        if _purge(host, settings, Options(check=True, quiet=True)):
            _agreed(settings, yes)
        _purge(host, settings, Options(forget=blog.NOBODY_ELSE, lock_timeout=lock_timeout))
        console.say("The Debian packages stay, and root's own files.")


def _purge(host: Connection, settings: Config, options: Options) -> int:
    with provision.on(host, options) as require:
        blog.remove(require, settings)
    return require.outcome.changed + require.outcome.unknown


def _agreed(settings: Config, yes: bool) -> None:
    name = settings.server.name
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused("nobody is there to agree", hint="Say `fab purge --yes`. Nothing was changed.")
    if input(f"Type {name} to remove all that: ") != name:
        raise Refused("not agreed", hint="Nothing was changed.")


_DEPLOY = {
    "plan": "show what would change, and change nothing; 10 if anything would, 4 if it would be refused",
    "diff": "with --plan: compare the text of each changed page, too",
    "force": "publish what the gate holds up; it says what is overridden",
    "strict": "look for dead links in the whole site, not only in what changed",
    "unpin": "publish although the site is pinned since a rollback, and unpin it",
}


@task(help=_CONFIG | _DEPLOY | {"json": "with --plan: print JSON"})
@friendly
def deploy(
    c: Context,
    plan: bool = False,
    diff: bool = False,
    json: bool = False,
    force: bool = False,
    strict: bool = False,
    unpin: bool = False,
    config: str = "",
) -> None:
    """Send the manuscript, or have it fetched; build it on the server and make it live, if it is sound."""
    settings = configuration.load(configuration.find(config))
    words = _options(force=force, strict=strict, unpin=unpin, diff=diff, json=json)
    if (diff or json) and not plan:
        raise UsageError("--diff and --json belong to --plan", hint="Say `fab deploy --plan --diff`.")

    for owner in _owners(c, settings):
        _plan(owner, settings, words, quiet=json) if plan else _deploy(owner, settings, words)


def _deploy(owner: Connection, config: Config, words: Sequence[str]) -> None:
    require = Require()
    toolkit.describe(require, config)
    provision.apply(owner, require, Options(blobs=toolkit.blobs(), sudo=False, quiet=True))
    sent = _send(owner, config, "source")
    console.say(f"  + sent to {owner.original_host}: {sent} changed files")
    words = ["rebuild", "--reason", "deploy", "--who", _author(), *_PATIENTLY, *words]
    code = _blogops(owner, config, *words)
    if code == ExitCode.REFUSED and "--unpin" not in words and _agrees_to_unpin(owner, config):
        code = _blogops(owner, config, *words, "--unpin")
    _ended(code)


def _plan(owner: Connection, config: Config, words: Sequence[str], *, quiet: bool) -> None:
    """Show what a deploy would change: the site, and what `fab setup` would do to nginx and cron first."""
    require = Require()
    beside = toolkit.beside(require, config)
    provision.apply(owner, require, Options(blobs=toolkit.blobs(), sudo=False, quiet=True))
    _send(owner, config, _ASIDE)
    ours = ("--source", f"{config.server.root}/{_ASIDE}", *_PATIENTLY)
    code = _program(owner, config, f"{beside}/bin/blogops", "plan", *ours, *words)
    if not quiet:
        drifted = Require()
        blog.settings(drifted, config)
        if provision.apply(owner, drifted, Options(check=True, sudo=False, quiet=True)).changed:
            console.say("The server's settings are not those of blog.toml: `fab setup` mends that.", "yellow")
    _ended(code)


def _send(owner: Connection, config: Config, folder: str) -> int:
    """Send the manuscript to *folder* of the blog; return how many files changed there."""
    told = config.content
    manuscript = ["blog.toml"]
    if not told.git:  # else the server fetches the rest
        manuscript += [told.path, told.templates, told.extensions, told.redirects, told.headers]
    return push(owner, config.folder, manuscript, f"{config.server.root}/{folder}")


def _options(**wishes: bool) -> list[str]:
    return [f"--{name}" for name, wish in wishes.items() if wish]


def _agrees_to_unpin(owner: Connection, config: Config) -> bool:
    """Ask whoever sits there, if it is a pin that the deploy was refused for."""
    if not sys.stdin.isatty() or _blogops(owner, config, "unpin", "--check") != ExitCode.WOULD_CHANGE:
        return False
    return input("Publish, and unpin? [y/N] ").lower() in ("y", "yes")


def _author() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"


@task(
    help=_CONFIG
    | _JSON
    | {
        "id": "the release to show",
        "draft": "send the manuscript, and show it with its drafts and scheduled posts",
        "days": "for how many days (default: 7)",
        "list": "list the previews",
        "remove": "remove the preview whose token begins so",
    }
)
@friendly
def preview(
    c: Context,
    id: str = "",
    draft: bool = False,
    days: int = 7,
    list: bool = False,
    remove: str = "",
    json: bool = False,
    config: str = "",
) -> None:
    """Show a release, or the drafts, at an address of the site that nobody can guess."""
    settings = configuration.load(configuration.find(config))
    words = ["--days", str(days), "--who", _author(), *_PATIENTLY]
    words += _options(draft=draft, list=list, json=json)
    words += [word for name, value in (("--id", id), ("--remove", remove)) if value for word in (name, value)]
    words += ["--source", f"{settings.server.root}/{_ASIDE}"] if draft else []
    for owner in _owners(c, settings):
        if draft:
            _send(owner, settings, _ASIDE)
        _ended(_blogops(owner, settings, "preview", *words))


@task(
    help=_CONFIG
    | {
        "to": "the release to go back to (default: the last good one before the live one)",
        "steps": "how many releases to go back (default: 1)",
        "list": "show where it could go, and change nothing",
        "json": "with --list: print JSON",
    }
)
@friendly
def rollback(
    c: Context, to: str = "", steps: int = 1, list: bool = False, json: bool = False, config: str = ""
) -> None:
    """Make an earlier release live again, at once, and keep scheduled rebuilds from undoing it."""
    settings = configuration.load(configuration.find(config))
    words = ["--who", _author(), *_PATIENTLY, "--steps", str(steps), *(["--to", to] if to else [])]
    if list:
        words = _options(list=True, json=json)
    for owner in _owners(c, settings):
        _ended(_program(owner, settings, standalone.path(settings.server.name, "rollback"), *words))


@task(help=_CONFIG)
@friendly
def rebuild(c: Context, config: str = "") -> None:
    """Build what lies on the server again and publish it, as cron does every night."""
    _on_server(c, config, "rebuild", "--reason", "by hand", "--who", _author(), *_PATIENTLY)


@task(help=_CONFIG)
@friendly
def unpin(c: Context, config: str = "") -> None:
    """Let scheduled rebuilds publish again after a rollback."""
    _on_server(c, config, "unpin", "--who", _author(), *_PATIENTLY)


@task(
    positional=["action"],
    help=_CONFIG
    | {
        "action": "list (what is rebuilt by itself, and when), suspend, resume, or run (now, as cron would)",
        "why": "with suspend: why, for whoever looks",
        "json": "with list: print JSON",
    },
)
@friendly
def cron(c: Context, action: str, why: str = "", json: bool = False, config: str = "") -> None:
    """Look after the rebuilds that come by themselves: list, suspend, resume, run."""
    words = ["--who", _author(), *(["--why", why] if why else []), *_options(json=json)]
    _on_server(c, config, "cron", action, *words)


@task(help=_CONFIG)
@friendly
def alert_test(c: Context, config: str = "") -> None:
    """Send a message by every channel of [alerts], to see that it comes; 4 if one does not take it."""
    _on_server(c, config, "alert-test", "--who", _author())


@task(help=_CONFIG | _JSON)
@friendly
def releases(c: Context, json: bool = False, config: str = "") -> None:
    """List the releases on the server."""
    _on_server(c, config, "releases", *_options(json=json))


@task(
    help=_CONFIG
    | _JSON
    | {"id": "one attempt, whole: its number, or the release it was about", "all": "not only the last twenty"}
)
@friendly
def log(c: Context, id: str = "", all: bool = False, json: bool = False, config: str = "") -> None:
    """Show what was tried on the server, the newest last, and what came of it."""
    _on_server(c, config, "log", *(["--id", id] if id else []), *_options(all=all, json=json))


@task(help=_CONFIG | _JSON)
@friendly
def status(c: Context, json: bool = False, config: str = "") -> None:
    """Tell how the blog and its machine stand; 4 if something is wrong (docs/status.md)."""
    settings = configuration.load(configuration.find(config))
    hosts = asked_for(c) if isinstance(c, Connection) else _hosts(c, settings)
    _ended(max((_status(host, settings, json=json) for host in hosts), default=0))


def _status(host: Connection, config: Config, *, json: bool) -> int:
    """Show one host; what is wrong with it keeps no other from being shown."""
    try:
        owner = ready(as_user(host, config.server.name), config.server.host_keys)
        with ThreadPoolExecutor(1) as beside:  # both over the one connection
            drift = beside.submit(_drift, owner, config)
            shown = io.StringIO() if json else sys.stdout
            code = _blogops(owner, config, "status", *_options(json=json), out=shown)
        _tell_drift(drift.result(), str(host.original_host), shown)
        return code
    except OpsError as error:
        console.complain(f"error: {error}")
        return int(error.exit_code)


def _drift(owner: Connection, config: Config) -> list[str] | str:
    """Return what `fab setup` would change, as far as the blog's user can see, or why nobody knows."""
    require = Require()
    blog.settings(require, config)
    try:
        options = Options(check=True, sudo=False, silent=True)
        return list(provision.apply(owner, require, options).changes)
    except OpsError as error:
        return str(error)


def _tell_drift(drift: list[str] | str, host: str, shown: TextIO) -> None:
    if isinstance(shown, io.StringIO):
        with contextlib.suppress(ValueError):  # it said on stderr why there is nothing
            told = {"address": host, **json_text.loads(shown.getvalue()), "drift": drift}
            console.report(told)
    elif isinstance(drift, str):
        console.say(f"drift      unknown: {drift}", "yellow")
    elif drift:
        console.say(f"drift      `fab setup` would change: {', '.join(drift)}", "yellow")
    else:
        console.say("drift      none: `fab setup` would change nothing")


@task(help=_CONFIG | _JSON)
@friendly
def schedule(c: Context, json: bool = False, config: str = "") -> None:
    """List what appears and what expires by itself on the server, and when it is rebuilt next."""
    _on_server(c, config, "schedule", *_options(json=json))


namespace = Collection(
    author_tasks.new,
    author_tasks.serve,
    author_tasks.check,
    author_tasks.mv,
    setup,
    deploy,
    preview,
    rollback,
    rebuild,
    unpin,
    cron,
    alert_test,
    releases,
    log,
    status,
    schedule,
    purge,
)
namespace.add_collection(Collection.from_module(vm_tasks, name="vm"))
