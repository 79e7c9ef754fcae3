"""Files, directories and links."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blogops.provision.collector import Collector, absolute, octal, refuse, refuse_none, render
from blogops.provision.plan import Action, Resource
from blogops.provision.secret import Secret

if TYPE_CHECKING:
    from blogops.provision.packages import Deb

# `postfix check` passes over unknown parameters, and over what only its smtpd reads: relay restrictions, TLS.
# Why they refuse a file, some say to the journal alone.
_POSTFIX = """postfix check &&
    { ! postconf -n 2>&1 >/dev/null | grep -E "(unused|undefined) parameter" >&2; } &&
    { ! postfix status 2>/dev/null || echo QUIT | sendmail -bs >/dev/null; } && exit
journalctl --sync
journalctl -q --since=-9s -p warning -o cat -t postfix -t postfix/postfix-script -t postfix/smtpd |
    tail -n 3 >&2
exit 1"""

# Whoever reads the file checks it: what they refuse never counts.
CHECKS = {
    "/etc/nginx/": ("nginx", "-t", "-q"),
    "/etc/postfix/": ("sh", "-c", _POSTFIX),
    "/etc/ssh/sshd_config": ("/usr/sbin/sshd", "-t"),
    "/etc/sudoers": ("visudo", "--check", "--quiet"),
    "/etc/supervisor/": ("supervisorctl", "reread"),
}
_INLINE = 64 * 1024  # bytes; a longer file is sent only to a server that lacks it

# What holds a whole system, or all of somebody's: never one thing to remove.
_TREES_THAT_STAY = frozenset(
    "/bin /boot /dev /etc /home /lib /opt /proc /root /run /srv /sys /usr /var".split()
)


class Files:
    """``require.file``, ``template_file``, ``directory(ies)``, ``link``, ``absent``, ``logrotate``."""

    deb: "Deb"

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.blobs: dict[str, Callable[[], bytes]] = {}

    def file(
        self,
        path: str,
        contents: str | bytes | Secret | None = None,
        *,
        source: str | Path | None = None,
        owner: str = "",
        group: str = "",
        mode: str = "644",
        check: Sequence[str] | None = None,
        notify: Sequence[Action] = (),
        secret: bool = False,
        keep: bool = False,
    ) -> Resource:
        """Require a file with these *contents*, text or bytes, or those of the local file *source*.

        *check* is a command that must accept it, or the old bytes come back; files of nginx, postfix,
        sshd, sudo and supervisor have theirs already, and ``check=[]`` does without. A *secret* file's
        contents (or a `Secret`) are in no diff and no event. With *keep* the contents are only for a file
        that is not there yet; one that is keeps its own.

        ::

            require.file("/etc/motd", "Welcome.\\n", mode="644")
        """
        if (contents is None) == (source is None):
            raise refuse(f"{path} needs contents or a source, and not both")
        if source is not None:
            body = self._body(partial(_read, Path(source)))
        elif isinstance(contents, bytes):
            body = self._body(partial(bytes, contents))
        else:
            body = {"contents": contents}
        rights = {"owner": owner, "group": group, "mode": octal(mode)}
        secret = secret or isinstance(contents, Secret)
        want = {**body, **rights, "check": list(check_of(path, check)), "secret": secret, "keep": keep}
        return self.collector.add("file", absolute(path), want, notify)

    def _body(self, read: Callable[[], bytes]) -> dict[str, Any]:
        """Return what is *read*, or the hash of what is long or no text, by which it can be asked for."""
        data = read()
        try:
            if len(data) <= _INLINE:
                return {"contents": data.decode()}
        except UnicodeDecodeError:
            pass
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = read
        return {"sha256": digest, "size": len(data)}

    def template_file(
        self,
        path: str,
        template: str = "",
        context: Mapping[str, object] | None = None,
        *,
        template_contents: str = "",
        template_source: str | Path = "",
        **options: Any,
    ) -> Resource:
        """Require a file made from a Jinja2 template: its text, a local file, or one of blogops' own.

        *template* names a file in ``templates/server``. A name that *context* lacks is an error.
        *options* are those of `file`.

        ::

            welcome = "Welcome to {{ name }}.\\n"
            require.template_file("/etc/motd", template_contents=welcome, context={"name": "blog"})
        """
        given = [template, template_contents, str(template_source or "")]
        if sum(map(bool, given)) != 1:
            raise refuse(f"{path} needs one template: template_contents or template_source")
        return self.file(path, _filled(given, context or {}), **options)

    def directory(self, path: str, *, owner: str = "", group: str = "", mode: str = "755") -> Resource:
        """Require a directory with this owner (root by default) and mode (octal).

        ::

            require.directory("/srv/app", owner="myuser", mode="750")
        """
        want = {"owner": owner, "group": group, "mode": octal(mode)}
        return self.collector.add("directory", absolute(path), want)

    def directories(
        self, paths: Sequence[str], *, owner: str = "", group: str = "", mode: str = "755"
    ) -> list[Resource]:
        """Require several directories, alike but for their paths.

        ::

            require.directories(["/srv/app/logs", "/srv/app/cache"], owner="myuser")
        """
        return [self.directory(path, owner=owner, group=group, mode=mode) for path in paths]

    def link(
        self, path: str, target: str, *, check: Sequence[str] | None = None, notify: Sequence[Action] = ()
    ) -> Resource:
        """Require a symbolic link at *path* to *target*, switched by one rename.

        ::

            require.link("/srv/app/current", "releases/7")
        """
        if not target:
            raise refuse(f"the link {path} needs a target")
        want = {"target": target, "check": list(check_of(path, check))}
        return self.collector.add("link", absolute(path), want, notify)

    def absent(
        self,
        path: str,
        *,
        tree: bool = False,
        check: Sequence[str] | None = None,
        notify: Sequence[Action] = (),
    ) -> Resource:
        """Require that there is no file or link at *path*; a directory only goes with ``tree=True``.

        ::

            require.absent("/etc/nginx/sites-enabled/default")
        """
        plain = absolute(path).rstrip("/")
        if tree and (not plain or plain in _TREES_THAT_STAY):
            raise refuse(f'"{path}" is too much to remove')
        want = {"tree": tree, "check": list(check_of(path, check))}
        return self.collector.add("absent", plain, want, notify)

    def logrotate(self, name: str, paths: Sequence[str]) -> Resource:
        """Require the logs at *paths* to be rotated: weekly, eight kept, compressed (logrotate(8)).

        ::

            require.logrotate("myapp", ["/var/log/myapp/*.log"])
        """
        refuse_none(paths, "logrotate", "paths")
        for path in paths:
            if re.search(r"[\"'\\{}]", absolute(path)):
                raise refuse(
                    f"logrotate cannot read the path {path}", "Use one without quotes, braces and \\."
                )
        self.deb.package("logrotate")
        context = {"paths": [f'"{path}"' if re.search(r"\s", path) else path for path in paths]}
        return self.template_file(f"/etc/logrotate.d/{name}", "logrotate.j2", context)


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise refuse(f"{source} cannot be read: {error.strerror}") from error


def check_of(path: str, given: Sequence[str] | None = None) -> Sequence[str]:
    """Return the command that has to accept the file *path*: the one *given*, else its reader's own."""
    if given is not None:
        return given
    return next((check for start, check in CHECKS.items() if path.startswith(start)), ())


def _filled(given: list[str], context: Mapping[str, object]) -> str:
    template, contents, source = given
    if template:
        return render(template, context)
    import jinja2

    try:
        text = contents or Path(source).read_text(encoding="utf-8")
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)  # noqa: S701
        return environment.from_string(text).render(context)
    except (OSError, jinja2.TemplateError) as error:
        raise refuse(f"the template {source or 'given here'} cannot be filled: {error}") from error
