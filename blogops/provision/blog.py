"""What this blog's server needs, said in the words of `require`; docs/server.md lists it for people."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from blogops.config import Config
from blogops.headers import ALLOWED
from blogops.provision import alerts, standalone, toolkit
from blogops.provision.collector import render
from blogops.provision.plan import reload
from blogops.provision.secret import Secret
from blogops.provision.words import Require
from blogops.watch.remember import SIZE

PACKAGES = (
    *("cron", "libnginx-mod-http-brotli-static", "logrotate", "nginx", "python3-venv", "rsync", "sudo"),
    "supervisor",
)
PDF_PACKAGES = ("fonts-dejavu-core", "libharfbuzz-subset0", "libpango-1.0-0", "libpangoft2-1.0-0")
"""What WeasyPrint needs of Debian (its "First Steps" page), and the fonts of the theme's PDFs."""


GIT_PACKAGES = ("ca-certificates", "git", "openssh-client")
"""What fetches the manuscript, where it comes from a repository."""

ASSETS = ("theme", "media")
"""The folders of a site whose files have a hash in their name; `releases.FOLDERS` are the same."""
NOBODY_ELSE = "! ls /etc/blogops-*.json"
"""Once `remove` is done, succeeds where no other blog is: each has its `_vhost`."""
_LOGS = "/var/log/blogops"
_COLLECTED = "/var/lib/prometheus/node-exporter"
DAEMONS = {"nginx": "/run/nginx.pid", "supervisor": "/run/supervisord.pid", "cron": "/run/crond.pid"}
"""What a deploy looks for: each daemon and the file with its process number."""


def describe(require: Require, config: Config, *, key: str, secrets: bool = True) -> None:
    """Require everything between a blank Debian and one that `fab deploy` can publish to.

    *key* is the SSH public key that may log in as the blog's user; empty leaves the keys as they are.
    Without *secrets* the files that hold one are left out, and none is asked for.
    """
    name = config.server.name
    pdf, git = config.build.pdf, bool(config.content.git)
    require.deb.packages([*PACKAGES, *(PDF_PACKAGES if pdf else ()), *(GIT_PACKAGES if git else ())])
    for service in ("cron", "nginx", "supervisor"):
        require.service.started(service)
    require.user(name, comment="owns the blog", system=True)
    if key:
        require.authorized_keys(name, [key])
    _folders(require, config)
    if config.content.by_ssh:
        _deploy_key(require, config)
    standalone.describe(require, name)
    toolkit.describe(require, config)
    # "" in sudoers(5): with no argument at all.
    require.sudoer(
        name, commands=[" ".join(toolkit.restart_command(name)), f'{standalone.path(name, "headers")} ""']
    )
    _site(require, config)
    _service(require, config)
    _each_minute(require, config)
    alerts.describe(require, config, secrets=secrets)
    require.logrotate(f"blogops-{name}", _logs(name))
    _metrics(require, config, secrets=secrets)


# What root alone can look at, on a Debian without a message bus.
_HIDDEN_KINDS = ("program", "service", "authorized_keys")


def settings(require: Require, config: Config) -> None:
    """Require, of `describe`, all that the blog's user may look at, for ``--check`` alone.

    But for the toolkit, which a deploy brings.
    """
    whole = Require()
    describe(whole, config, key="", secrets=False)
    hidden = ("/etc/sudoers.d/", f"{config.server.root}/toolkit/")
    for item in whole.collector.plan().resources:
        if item.kind not in _HIDDEN_KINDS and not item.name.startswith(hidden):
            with contextlib.ExitStack() as conditions:
                for condition in item.only_if:
                    conditions.enter_context(require.only_if(condition))
                require.collector.add(item.kind, item.name, _by_root(item.want))


def _by_root(want: Mapping[str, Any]) -> dict[str, Any]:
    """Return *want* as root means it, whose files belong to root where nobody is named."""
    nobody = "owner" in want and not want["owner"]
    return {**want, **({"owner": "root", "group": want["group"] or "root"} if nobody else {})}


# The package may have gone before the blog, and leaves /etc/nginx behind.
_NGINX_IF_ANY = ("sh", "-c", "! test -x /usr/sbin/nginx || nginx -t -q")


def remove(require: Require, config: Config) -> None:
    """Require that nothing of `describe` is left, the blog and its releases included; packages stay."""
    name, root = config.server.name, config.server.root
    for kind in ("enabled", "available"):
        site = f"/etc/nginx/sites-{kind}/{name}"
        require.absent(site, check=_NGINX_IF_ANY, notify=[reload("nginx")])
    require.absent(_maps(name), tree=True, check=_NGINX_IF_ANY)
    require.supervisor.absent(f"{name}-service")
    require.cron.absent(f"blogops-{name}")
    require.absent(_vhost(name))
    require.absent(_token(name))
    require.absent(_textfile(name))
    require.absent(standalone.folder(name), tree=True)
    require.absent(alerts.path(name))
    require.absent(f"/etc/logrotate.d/blogops-{name}")
    require.absent(f"/etc/sudoers.d/blogops-{name}", check=[])
    require.nouser(name)
    require.absent(root, tree=True)
    _remove_logs(require, name)


def _folders(require: Require, config: Config) -> None:
    name, root = config.server.name, config.server.root
    require.directory(root, owner=name)
    for folder in ("releases", "toolkit"):
        require.directory(f"{root}/{folder}", owner=name)
    for folder in ("source", "work"):  # drafts lie here
        require.directory(f"{root}/{folder}", owner=name, mode="700")
    require.directory(_LOGS)
    require.file(_logs(name)[0], "", owner=name, keep=True)


def _logs(name: str) -> list[str]:
    """Return the logs of the check and of the service, named: a glob would be other blogs' too."""
    return [f"{_LOGS}/{name}-{what}.log" for what in ("rebuild", "service")]


def _remove_logs(require: Require, name: str) -> None:
    """Require the blog's logs to be gone, with what logrotate made of them, and an empty folder."""
    logs = [*_logs(name), *(f"/var/log/nginx/{name}.{what}.log" for what in ("access", "error"))]
    found = " ".join(f"{log}*" for log in logs)
    require.command(
        f"rm -f {found}; rmdir {_LOGS} 2>/dev/null || true",
        unless=f"! {{ ls -d {found}; find {_LOGS} -maxdepth 0 -empty; }} 2>/dev/null | grep -q .",
    )


def deploy_key(config: Config) -> str:
    """Return where the server keeps the key that may read the repository, below `releases.Layout.ssh`."""
    return f"{config.server.root}/ssh/deploy_key"


def _deploy_key(require: Require, config: Config) -> None:
    """Require a key of the server's own, made there once; the private half never leaves it."""
    name, key = config.server.name, deploy_key(config)
    require.directory(key.rpartition("/")[0], owner=name)
    made = f"ssh-keygen -q -t ed25519 -N '' -C blogops-{name} -f {key}.new"
    require.command(
        f"rm -f {key}.new {key}.new.pub && {made} && mv {key}.new.pub {key}.pub && mv {key}.new {key}",
        creates=key,
        user=name,
    )


def _site(require: Require, config: Config) -> None:
    name, server = config.server.name, config.server
    context = {
        "name": name,
        "root": server.root,
        "port": server.http_port,
        "domains": config.domains,
        "service_port": server.service_port,
        "names": f"blogops_{name.replace('-', '_')}",  # what the variables of this site begin with
        "assets": ASSETS,
        "maps": _maps(name),
        "headers": ALLOWED,
    }
    require.directory(_maps(name))
    require.nginx.site(name, render("nginx-site.conf.j2", context))
    require.nginx.disabled("default")
    told = {
        "host": config.domains[0],
        "port": server.http_port,
        "daemons": DAEMONS,
        "root": server.root,
        "maps": _maps(name),
        "headers": ["sudo", "-n", standalone.path(name, "headers")],
        "service": server.service_port,
        "statsd": config.metrics.statsd,
    }
    require.file(_vhost(name), json.dumps(told, indent=2) + "\n")


def _maps(name: str) -> str:
    """Return the folder of nginx's maps of the headers that travel with releases."""
    return f"/etc/nginx/blogops-{name}"


def _vhost(name: str) -> str:
    """Return where releases find out by which of nginx's sites they are served."""
    return f"/etc/blogops-{name}.json"


def _token(name: str) -> str:
    """Return where the service reads who may see its metrics from elsewhere."""
    return f"/etc/blogops-{name}.token"


def _textfile(name: str) -> str:
    """Return where Debian's prometheus-node-exporter looks for metrics of others."""
    return f"{_COLLECTED}/blogops-{name}.prom"


def _metrics(require: Require, config: Config, *, secrets: bool) -> None:
    name, token = config.server.name, config.metrics.token
    require.directory(f"{config.server.root}/metrics", owner=name)
    with require.only_if(f"test -d {_COLLECTED}"):
        require.link(_textfile(name), f"{config.server.root}/metrics/blogops.prom")
    if not token:
        require.absent(_token(name))
    elif secrets:
        secret = Secret.named(token, config.folder)
        require.file(_token(name), secret, owner="root", group="www-data", mode="640")


def _service(require: Require, config: Config) -> None:
    name, root, port = config.server.name, config.server.root, config.server.service_port
    gunicorn = f"{root}/toolkit/current/bin/gunicorn"
    require.supervisor.process(
        f"{name}-service",
        command=f"{gunicorn} --bind 127.0.0.1:{port} --workers 1 --threads 4 blogops.service.app:application",
        directory=root,
        user="www-data",  # it only reads
        log=_logs(name)[1],
        environment={"BLOGOPS_ROOT": root},
    )


def _each_minute(require: Require, config: Config) -> None:
    name, root = config.server.name, config.server.root
    # As long as it will ever be: it is written in place, since it has to work on a full disk.
    require.file(f"{root}/work/watch.json", " " * SIZE, owner=name, mode="600", keep=True)
    check = standalone.path(name, "due")
    require.cron.task(f"blogops-{name}", "* * * * *", name, f"{check} >>{_logs(name)[0]} 2>&1")
