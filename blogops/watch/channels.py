"""How the owner is told: by mail, a webhook, Sentry; and the ping of a dead man's switch.

`fab setup` has written down which, in a file that only root and the blog's user can read: such an address is
as good as a password. So no problem told here names one.
"""

import http.client
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path

from blogops.watch.look import read
from blogops.watch.messages import FAILED, Message

_SECONDS = 10  # that an answer may take
_SENDMAIL = "/usr/sbin/sendmail"


@dataclass(frozen=True, kw_only=True)
class Channels:
    """Where messages go, as `fab setup` has written it down; *form* is how the webhook wants them."""

    site: str
    mail: tuple[str, ...] = ()
    webhook: str = ""
    form: str = "json"
    sentry: str = ""
    ping: str = ""

    @classmethod
    def of(cls, name: str) -> "Channels":
        """Return those of the blog *name*; none where nothing was written down."""
        told = read(f"/etc/blogops-{name}.alerts.json")
        known = {key: told[key] for key in ("webhook", "form", "sentry", "ping") if key in told}
        return cls(site=told.get("site", name), mail=tuple(told.get("mail", ())), **known)

    def names(self) -> list[str]:
        """Return the channels that there are."""
        return [name for name in SENDERS if getattr(self, name)]


def send(channels: Channels, name: str, message: Message) -> str:
    """Send *message* by the channel *name*; return what went wrong, or nothing."""
    return _problem(lambda: SENDERS[name](channels, message))


def ping(channels: Channels) -> str:
    """Tell the dead man's switch that all went well; return what went wrong, or nothing."""
    return _problem(lambda: _ask(urllib.request.Request(channels.ping))) if channels.ping else ""  # noqa: S310


def _mail(channels: Channels, message: Message) -> None:
    mail = EmailMessage()
    mail["To"] = ", ".join(channels.mail)
    mail["Subject"] = " ".join(message.title.split())
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers, please
    mail.set_content(message.text)
    # -i: a line with a dot alone is no end; -t: to whom the head says.
    subprocess.run(
        [_SENDMAIL, "-i", "-t"], input=bytes(mail), capture_output=True, timeout=_SECONDS, check=True
    )


def _webhook(channels: Channels, message: Message) -> None:
    words = f"{message.title}\n\n{message.text}"
    if channels.form == "ntfy":
        title = message.title.encode("ascii", "replace").decode()
        _post(channels.webhook, message.text.encode(), {"Title": title, "Content-Type": "text/plain"})
    else:
        told = {"text": words} if channels.form == "slack" else {**asdict(message), "text": words}
        _post(channels.webhook, json.dumps(told).encode(), {"Content-Type": "application/json"})


def _sentry(channels: Channels, message: Message) -> None:
    """Send an event in an envelope, as Sentry's developer documentation ("Envelopes") has it."""
    dsn = urllib.parse.urlsplit(channels.sentry)
    path, _, project = dsn.path.rpartition("/")
    event = {
        "event_id": uuid.uuid4().hex,
        "platform": "other",
        "logger": "blogops",
        "level": "error" if message.kind == FAILED else "info",
        "message": {"formatted": f"{message.title}\n\n{message.text}"},
        "tags": {"kind": message.kind, "live": message.live},
        "fingerprint": ["blogops", message.site, message.kind],
    }
    parts = ({"event_id": event["event_id"]}, {"type": "event"}, event)
    port = f":{dsn.port}" if dsn.port else ""
    _post(
        f"{dsn.scheme}://{dsn.hostname}{port}{path}/api/{project}/envelope/",
        b"".join(json.dumps(part).encode() + b"\n" for part in parts),
        {
            "Content-Type": "application/x-sentry-envelope",
            "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={dsn.username}, sentry_client=blogops/1",
        },
    )


SENDERS: dict[str, Callable[[Channels, Message], None]] = {
    "mail": _mail,
    "webhook": _webhook,
    "sentry": _sentry,
}


def _post(address: str, data: bytes, headers: dict[str, str]) -> None:
    _ask(urllib.request.Request(address, data, headers))  # noqa: S310 - `fab setup` took http and https alone


def _ask(request: urllib.request.Request) -> None:
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
        answer.read(1)


def _problem(act: Callable[[], None]) -> str:
    """Return what goes wrong in *act*, without the address."""
    try:
        act()
    except urllib.error.HTTPError as error:
        with error:
            return f"answered {error.code}"
    except urllib.error.URLError as error:
        return f"no answer: {error.reason}"
    except subprocess.CalledProcessError as error:
        return f"{Path(_SENDMAIL).name} said: {error.stderr.decode(errors='replace').strip()}"
    except (OSError, ValueError, http.client.HTTPException, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}" + (f": {error.strerror}" if isinstance(error, OSError) else "")
    return ""
