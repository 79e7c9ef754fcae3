"""The author's front door: ``fab setup``, ``fab deploy``, ``fab rollback``.

Each task is thin: connect, send, run ``blogops …`` there, show what it says. Without ``-H`` a task goes to
the hosts that blog.toml names.
"""

import getpass
import shlex
import socket

from fabric import Connection, task
from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit

from blogops import config as configuration
from blogops import console, provision
from blogops.config import Config
from blogops.errors import ExitCode, UsageError
from blogops.provision import blog, toolkit
from blogops.remote import as_user, authorised_key, push, run
from blogops.tasks import friendly
from blogops.vm import tasks as vm_tasks

_CONFIG = {"config": "path of blog.toml (default: BLOGOPS_CONFIG, else the working folder's)"}

# A person waits for the nightly rebuild to end rather than being sent away.
_PATIENTLY = ("--wait", "60")


def _hosts(c: Context, config: Config) -> list[Connection]:
    if isinstance(c, Connection):
        return [c]
    if not config.server.hosts:
        raise UsageError(
            "no host to go to", where=str(config.path), hint="Set server.hosts, or say `fab -H root@HOST …`."
        )
    return [Connection(host, config=c.config) for host in config.server.hosts]


def _on_server(c: Context, path: str, *words: str) -> None:
    """Run ``blogops WORDS`` as the blog's user on each host and end with its exit code."""
    config = configuration.load(configuration.find(path))
    for host in _hosts(c, config):
        _blogops(as_user(host, config.server.name), config, *words)


def _blogops(c: Connection, config: Config, *words: str) -> None:
    root = config.server.root
    program = f"{root}/toolkit/current/bin/blogops"
    code = run(c, shlex.join([program, words[0], "--root", root, *words[1:]]))
    if code == 127:
        raise UsageError(
            f"blogops is not on {c.original_host} yet", hint="Run `fab setup`, then `fab deploy`."
        )
    if code:
        raise Exit(code=code)


@task(help=_CONFIG | {"check": "change nothing, show what would change; exit code 10 if anything would"})
@friendly
def setup(c: Context, check: bool = False, config: str = "") -> None:
    """Make a blank Debian 12 or 13 ready for the blog (as root, or a sudoer); again, it changes nothing."""
    settings = configuration.load(configuration.find(config))
    would_change = 0
    for host in _hosts(c, settings):
        key = authorised_key(host)
        console.say(f"{'Checking' if check else 'Setting up'} {host.original_host}", "bold")
        with provision.on(host, check=check, blobs=toolkit.blobs()) as require:
            blog.describe(require, settings, key=key)
        would_change += require.outcome.changed
    if check and would_change:
        raise Exit(code=int(ExitCode.WOULD_CHANGE))


@task(help=_CONFIG)
@friendly
def deploy(c: Context, config: str = "") -> None:
    """Send the manuscript, build it on the server and make the result live, if it is sound."""
    settings = configuration.load(configuration.find(config))
    for host in _hosts(c, settings):
        owner = as_user(host, settings.server.name)
        require = provision.Require()
        toolkit.describe(require, settings.server)
        provision.apply(owner, require.collector.plan(), blobs=toolkit.blobs(), sudo=False, quiet=True)
        manuscript = ["blog.toml", settings.content.path, settings.content.templates]
        sent = push(owner, settings.folder, manuscript, f"{settings.server.root}/source")
        console.say(f"  + sent to {host.original_host}: {sent} changed files")
        _blogops(owner, settings, "rebuild", "--reason", "deploy", "--who", _author(), *_PATIENTLY)


def _author() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"


@task(help=_CONFIG | {"to": "the release to go back to (default: the last good one before the live one)"})
@friendly
def rollback(c: Context, to: str = "", config: str = "") -> None:
    """Make an earlier release live again, at once, and keep scheduled rebuilds from undoing it."""
    _on_server(c, config, "rollback", "--who", _author(), *_PATIENTLY, *(["--to", to] if to else []))


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


@task(help=_CONFIG | {"json": "print JSON"})
@friendly
def releases(c: Context, json: bool = False, config: str = "") -> None:
    """List the releases on the server."""
    _on_server(c, config, "releases", *(["--json"] if json else []))


@task(help=_CONFIG | {"json": "print JSON"})
@friendly
def status(c: Context, json: bool = False, config: str = "") -> None:
    """Tell what is live, since when and why."""
    _on_server(c, config, "status", *(["--json"] if json else []))


namespace = Collection(setup, deploy, rollback, rebuild, unpin, releases, status)
namespace.add_collection(Collection.from_module(vm_tasks, name="vm"))
