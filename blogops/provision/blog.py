"""What this blog's server needs, said in the words of `require`; docs/server.md lists it for people."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blogops.config import Config
from blogops.provision import rescue, toolkit
from blogops.provision.collector import render
from blogops.provision.plan import reload
from blogops.provision.secret import Secret
from blogops.provision.words import Require

PACKAGES = (
    *("cron", "libnginx-mod-http-brotli-static", "logrotate", "nginx", "python3-venv", "rsync", "sudo"),
    "supervisor",
)
PDF_PACKAGES = ("fonts-dejavu-core", "libharfbuzz-subset0", "libpango-1.0-0", "libpangoft2-1.0-0")
"""What WeasyPrint needs of Debian (its "First Steps" page), and the fonts of the theme's PDFs."""


ASSETS = ("theme", "media")
"""The folders of a site whose files have a hash in their name; `releases.FOLDERS` are the same."""
_COLLECTED = "/var/lib/prometheus/node-exporter"
DAEMONS = {"nginx": "/run/nginx.pid", "supervisor": "/run/supervisord.pid", "cron": "/run/crond.pid"}
"""What a deploy looks for: each daemon and the file with its process number."""


def describe(require: Require, config: Config, *, key: str, secrets: bool = True) -> None:
    """Require everything between a blank Debian and one that `fab deploy` can publish to.

    *key* is the SSH public key that may log in as the blog's user; empty leaves the keys as they are. Without
    *secrets* none is asked for, and what holds one is left out.
    """
    name = config.server.name
    require.deb.packages(PACKAGES + PDF_PACKAGES if config.build.pdf else PACKAGES)
    for service in ("cron", "nginx", "supervisor"):
        require.service.started(service)
    require.user(name, comment="owns the blog", system=True)
    if key:
        require.authorized_keys(name, [key])
    _folders(require, config)
    rescue.describe(require, name)
    toolkit.describe(require, config)
    require.sudoer(name, commands=[" ".join(toolkit.restart_command(name))])
    _site(require, config)
    _service(require, config)
    _nightly(require, config)
    require.logrotate(f"blogops-{name}", [f"/var/log/blogops/{name}-*.log"])
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


def remove(require: Require, config: Config) -> None:
    """Require that nothing of `describe` is left, the blog and its releases included; packages stay."""
    name, root = config.server.name, config.server.root
    with require.only_if("test -d /etc/nginx"):
        require.absent(f"/etc/nginx/sites-enabled/{name}", notify=[reload("nginx")])
        require.absent(f"/etc/nginx/sites-available/{name}", notify=[reload("nginx")])
    with require.only_if("test -d /etc/supervisor"):
        require.supervisor.absent(f"{name}-service")
    require.cron.absent(f"blogops-{name}")
    require.absent(_vhost(name))
    require.absent(_token(name))
    require.absent(_textfile(name))
    require.absent(rescue.folder(name), tree=True)
    require.absent(f"/etc/logrotate.d/blogops-{name}")
    require.absent(f"/etc/sudoers.d/blogops-{name}", check=[])
    require.nouser(name)
    require.absent(root, tree=True)
    require.absent("/var/log/blogops", tree=True)


def _folders(require: Require, config: Config) -> None:
    name, root = config.server.name, config.server.root
    require.directory(root, owner=name)
    for folder in ("releases", "toolkit"):
        require.directory(f"{root}/{folder}", owner=name)
    for folder in ("source", "work"):  # drafts lie here
        require.directory(f"{root}/{folder}", owner=name, mode="700")
    require.directory("/var/log/blogops")
    require.file(f"/var/log/blogops/{name}-rebuild.log", "", owner=name, keep=True)


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
    }
    require.nginx.site(name, render("nginx-site.conf.j2", context))
    require.nginx.disabled("default")
    told = {
        "host": config.domains[0],
        "port": server.http_port,
        "daemons": DAEMONS,
        "service": server.service_port,
        "statsd": config.metrics.statsd,
    }
    require.file(_vhost(name), json.dumps(told, indent=2) + "\n")


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
        kind, _, where = token.partition(":")
        secret = Secret.env(where) if kind == "env" else Secret.file(config.folder / Path(where).expanduser())
        require.file(_token(name), secret, owner="root", group="www-data", mode="640")


def _service(require: Require, config: Config) -> None:
    name, root, port = config.server.name, config.server.root, config.server.service_port
    gunicorn = f"{root}/toolkit/current/bin/gunicorn"
    require.supervisor.process(
        f"{name}-service",
        command=f"{gunicorn} --bind 127.0.0.1:{port} --workers 1 --threads 4 blogops.service.app:application",
        directory=root,
        user="www-data",  # it only reads
        log=f"/var/log/blogops/{name}-service.log",
        environment={"BLOGOPS_ROOT": root},
    )


def _nightly(require: Require, config: Config) -> None:
    name, root = config.server.name, config.server.root
    rebuild = f"{root}/toolkit/current/bin/blogops rebuild --root {root} --reason schedule --quiet"
    # Before the first deploy there is nothing to build.
    command = f"test ! -e {root}/source/blog.toml || {rebuild} >>/var/log/blogops/{name}-rebuild.log 2>&1"
    hour, _, minute = config.rebuild.at.partition(":")
    require.cron.task(f"blogops-{name}", f"{int(minute)} {int(hour)} * * *", name, command)
