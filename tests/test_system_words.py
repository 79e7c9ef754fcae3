"""The machine's own words: what they become, what they refuse, and their looks, run twice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from looking import Listener, Remembering, act, snapshot

from blogops.agent import system
from blogops.agent.finding import Finding, ResourceError
from blogops.agent.host import Host
from blogops.agent.kinds import KINDS
from blogops.errors import UsageError
from blogops.provision import Require

LOCALES, FR = ("packages", "locales"), ("locale", "fr_FR.UTF-8")


@pytest.mark.parametrize(
    ("use", "resources"),
    [
        (lambda r: r.system.hostname("web1"), [("hostname", "/etc/hostname")]),
        (lambda r: r.system.locale("fr_FR.UTF-8"), [LOCALES, FR]),
        (lambda r: r.system.locale("fr_FR.UTF-8", default=True), [LOCALES, FR, ("locale", "of every login")]),
        (lambda r: r.system.default_locale("fr_FR.UTF-8"), [LOCALES, FR, ("locale", "of every login")]),
        (lambda r: r.system.locales(["C.UTF-8", "fr_FR.UTF-8"]), [LOCALES, ("locale", "C.UTF-8"), FR]),
        (
            lambda r: r.system.timezone("Europe/Paris"),
            [("packages", "tzdata"), ("link", "/etc/localtime"), ("file", "/etc/timezone")],
        ),
        (
            lambda r: r.system.sysctl("net.core.somaxconn", 4096),
            [("sysctl", "net.core.somaxconn"), ("file", "/etc/sysctl.d/60-blogops-net.core.somaxconn.conf")],
        ),
        (
            lambda r: r.system.sysctl("vm.swappiness", "10", persist=False),
            [("sysctl", "vm.swappiness")],
        ),
        (
            lambda r: (r.deb.package("nginx"), r.system.hostname("web1")),
            [("hostname", "/etc/hostname"), ("packages", "nginx")],
        ),
    ],
)
def test_words_become_resources(use: Callable[[Require], object], resources: list[tuple[str, str]]) -> None:
    require = Require()
    use(require)
    items = require.collector.plan().resources
    assert [(item.kind, item.name) for item in items] == resources
    assert {item.kind for item in items} <= set(KINDS)
    assert all(item.where.startswith(f"{__file__}:") for item in items)


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda r: r.system.hostname("bad_host"), "cannot be a host name"),
        (lambda r: r.system.hostname("12345"), "cannot be a host name"),
        (lambda r: r.system.hostname("10.0.0.1"), "cannot be a host name"),
        (lambda r: r.system.hostname("-web"), "cannot be a host name"),
        (lambda r: r.system.hostname("web."), "cannot be a host name"),
        (lambda r: r.system.hostname("w" * 64), "cannot be a host name"),
        (lambda r: r.system.hostname("w" * 63 + ".example.com"), "a kernel takes"),
        (lambda r: (r.system.hostname("a"), r.system.hostname("b")), "required twice, differently"),
        (lambda r: r.system.locale("fr_FR.UTF-8 UTF-8"), "cannot be a locale"),
        (lambda r: r.system.locales("fr_FR.UTF-8"), "list"),
        (
            lambda r: (r.system.default_locale("C.UTF-8"), r.system.default_locale("fr_FR.UTF-8")),
            "required twice, differently",
        ),
        (lambda r: r.system.timezone("Paris"), "Did you mean Europe/Paris"),
        (lambda r: r.system.timezone("europe/paris"), "Did you mean Europe/Paris"),
        (lambda r: r.system.timezone("Europe/Pariss"), "Did you mean Europe/Paris"),
        (lambda r: r.system.timezone("../../etc/passwd"), "there is no time zone"),
        (lambda r: r.system.sysctl("somaxconn", 1), "cannot be a setting"),
        (lambda r: r.system.sysctl("net/../x", 1), "cannot be a setting"),
        (lambda r: r.system.sysctl("vm.swappiness", "1\n2"), "more than one line"),
        (lambda r: r.system.sysctl("vm.swappiness", " "), "needs a value"),
    ],
)
def test_what_cannot_work_is_refused_with_the_line(use: Callable[[Require], object], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        use(Require())
    assert words in f"{caught.value} {caught.value.hint}"
    assert caught.value.where.startswith(f"{__file__}:")


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("net.core.somaxconn", "/proc/sys/net/core/somaxconn"),
        ("net.ipv4.conf.eth0/100.forwarding", "/proc/sys/net/ipv4/conf/eth0.100/forwarding"),
        ("net/ipv4/conf/eth0.100/forwarding", "/proc/sys/net/ipv4/conf/eth0.100/forwarding"),
    ],
)
def test_a_key_may_be_written_with_dots_or_slashes(key: str, path: str) -> None:
    assert Require().system.sysctl(key, True).want == {"path": path, "value": "1"}


def hostname(root: Path, name: str) -> Finding:
    return system.look_hostname(Host(Listener(), root), "/etc/hostname", {"name": name})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "etc/default").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "127.0.1.1 web1.example.com web1\n"),
        (
            "127.0.0.1 localhost\n127.0.1.1 old.example.com old\n::1 localhost\n",
            "127.0.0.1 localhost\n127.0.1.1 web1.example.com web1\n::1 localhost\n",
        ),
        ("127.0.1.1 old shop # mine\n", "127.0.1.1 web1.example.com web1 shop\n"),
        (
            "# names\n127.0.0.1 localhost\n::1 localhost\n",
            "# names\n127.0.0.1 localhost\n127.0.1.1 web1.example.com web1\n::1 localhost\n",
        ),
        ("192.0.2.1 web1.example.com web1\n", "192.0.2.1 web1.example.com web1\n"),
    ],
)
def test_a_machine_learns_its_name_once(root: Path, before: str, after: str) -> None:
    (root / "etc/hostname").write_text("old\n")
    (root / "etc/hosts").write_text(before)
    assert "was old" in act(hostname(root, "web1.example.com"))
    assert (root / "etc/hosts").read_text() == after
    assert (root / "etc/hostname").read_text() == "web1.example.com\n"
    kept = snapshot(root)
    assert hostname(root, "web1.example.com") == Finding("is web1.example.com")
    assert snapshot(root) == kept


@pytest.mark.parametrize(
    ("name", "fits"), [("web1", True), ("web1.example.com", True), ("12345", False), ("a_b", False)]
)
def test_an_odd_name_is_told_before_postfix_is_installed(root: Path, name: str, fits: bool) -> None:
    (root / "etc/hostname").write_text(f"{name}\n")
    if fits:
        assert hostname(root, "") == Finding(f"is {name}")
    else:
        with pytest.raises(ResourceError, match=f'called "{name}"'):
            hostname(root, "")
        (root / "usr/sbin").mkdir(parents=True)
        (root / "usr/sbin/postfix").touch()  # there already: it has its own name by now
        assert hostname(root, "") == Finding(f"is {name}")


SUPPORTED = "# all\nfr_FR.UTF-8 UTF-8\nfr_FR ISO-8859-1\nde_DE@euro ISO-8859-15\n"
GENERATE = """#!/bin/sh
echo "$@" >>{root}/calls
sed -n 's/^\\([a-z].*\\) .*/\\1/; s/UTF-8/utf8/; /^[a-z]/p' {root}/etc/locale.gen >{root}/made
"""


@pytest.fixture
def speaking(root: Path) -> Remembering:
    """Return a host whose ``locale`` and ``locale-gen`` are stand-ins."""
    (root / "usr/share/i18n").mkdir(parents=True)
    (root / "usr/share/i18n/SUPPORTED").write_text(SUPPORTED)
    (root / "etc/locale.gen").write_text("# fr_FR.UTF-8 UTF-8\n# fr_FR ISO-8859-1\n")
    (root / "made").touch()
    program(root, "locale", f"#!/bin/sh\nprintf 'C\\nC.utf8\\n'; cat {root}/made\n")
    program(root, "locale-gen", GENERATE.format(root=root))
    host = Remembering(root)
    host.environment["PATH"] = f"{root}/bin:{host.environment['PATH']}"
    return host


def program(root: Path, name: str, text: str) -> None:
    (root / "bin").mkdir(exist_ok=True)
    (root / "bin" / name).write_text(text)
    (root / "bin" / name).chmod(0o755)


def locale(host: Host, name: str, **want: Any) -> Finding:
    return system.look_locale(host, name, {"locale": name, "default": False, **want})


def test_a_locale_is_made_once(speaking: Remembering) -> None:
    assert act(locale(speaking, "fr_FR.UTF-8")) == "added to /etc/locale.gen and made"
    assert (speaking.root / "etc/locale.gen").read_text() == "fr_FR.UTF-8 UTF-8\n# fr_FR ISO-8859-1\n"
    act(locale(speaking, "de_DE@euro"))
    kept = snapshot(speaking.root)
    for name in ("fr_FR.UTF-8", "fr_FR.utf8", "de_DE@euro"):
        assert locale(speaking, name) == Finding("is made")
    assert locale(speaking, "C.UTF-8") == Finding("is built in")
    assert snapshot(speaking.root) == kept
    assert (speaking.root / "calls").read_text() == "--keep-existing\n" * 2


def test_a_locale_that_is_not_made_is_told(speaking: Remembering) -> None:
    with pytest.raises(ResourceError, match="/usr/share/i18n/SUPPORTED"):
        locale(speaking, "xx_YY.UTF-8")
    program(speaking.root, "locale-gen", "#!/bin/sh\n")
    finding = locale(speaking, "fr_FR.UTF-8")
    with pytest.raises(ResourceError, match="could not make fr_FR"):
        act(finding)
    (speaking.root / "usr/share/i18n/SUPPORTED").unlink()
    with pytest.raises(ResourceError, match="the package locales"):
        locale(speaking, "fr_FR.UTF-8")


@pytest.mark.parametrize("linked", [False, True])
def test_the_locale_of_every_login(root: Path, linked: bool) -> None:
    host, path = Host(Listener(), root), root / "etc/default/locale"
    if linked:  # as on Debian 13
        path.symlink_to("../locale.conf")
    path.write_text('LANG="C.UTF-8"\nLC_TIME=C\n')
    assert act(locale(host, "fr_FR.UTF-8", default=True)) == "is now fr_FR.UTF-8"
    assert path.read_text() == "LC_TIME=C\nLANG=fr_FR.UTF-8\n"
    assert path.is_symlink() == linked
    assert locale(host, "fr_FR.UTF-8", default=True).act is None


def sysctl(root: Path, value: str) -> Finding:
    want = {"path": "/proc/sys/net/tcp_rmem", "value": value}
    return system.look_sysctl(Host(Listener(), root), "net.tcp_rmem", want)


def test_a_kernel_setting_is_set_once(root: Path) -> None:
    with pytest.raises(ResourceError, match="has no setting"):
        sysctl(root, "1 2")
    (root / "proc/sys/net").mkdir(parents=True)
    (root / "proc/sys/net/tcp_rmem").write_text("1\t2\n")
    assert sysctl(root, "1 2") == Finding("is 1 2")
    assert act(sysctl(root, "3 4")) == "is now 3 4 (was 1 2)"
    assert sysctl(root, "3 4").act is None


def test_a_value_that_the_kernel_makes_another_of_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "proc/sys/net").mkdir(parents=True)
    path = root / "proc/sys/net/tcp_rmem"
    path.write_text("16\n")
    finding = sysctl(root, "0x20")
    monkeypatch.setattr(Path, "write_text", lambda self, text, encoding: path.write_bytes(b"32\n"))
    with pytest.raises(ResourceError, match="made 32 of 0x20"):
        act(finding)
