"""Who is told of what fails: a file that root and the blog's user can read, and a mail server if need be."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from blogops.config import Config
from blogops.errors import UsageError
from blogops.provision.secret import Secret
from blogops.provision.words import Require


def path(name: str) -> str:
    """Return where the check finds out whom to tell."""
    return f"/etc/blogops-{name}.alerts.json"


def describe(require: Require, config: Config, *, secrets: bool) -> None:
    """Require what ``[alerts]`` of blog.toml asks for; without *secrets*, the mail server alone."""
    wanted, name = config.alerts, config.server.name
    if wanted.mail:
        # Who has a mail server has set it up as they like.
        with require.only_if("test ! -x /usr/sbin/sendmail"):
            require.postfix.server(config.domains[0].removeprefix("*."))
    if not any((wanted.mail, wanted.webhook, wanted.sentry, wanted.ping)):
        require.absent(path(name))
    elif secrets:
        require.file(path(name), Secret(_told(config)), group=name, mode="640")


def _told(config: Config) -> str:
    wanted = config.alerts
    named = {key: getattr(wanted, key) for key in ("webhook", "sentry", "ping")}
    told = {
        "site": config.site.url,
        "mail": wanted.mail,
        "form": wanted.webhook_form,
        **{key: _address(key, name, config.folder) for key, name in named.items() if name},
    }
    return json.dumps(told, indent=2) + "\n"


def _address(key: str, name: str, folder: Path) -> str:
    """Return the address that *name* stands for, which is told to nobody."""
    address = Secret.named(name, folder).reveal()
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"alerts.{key}: what {name} holds is not an address of http or https")
    return address
