"""The machine's own words and postfix on a blank Debian: in force, kept, brought back, refused."""

import os
import re
import time
from collections.abc import Iterator

import pytest
from driving import Driver

from blogops import vm

pytestmark = pytest.mark.vm

EVERYTHING = """
require.postfix.server("example.com", settings={"inet_interfaces": "loopback-only"})
require.system.hostname("web1.example.org")
require.system.default_locale("fr_FR.UTF-8")
require.system.locale("de_DE@euro")
require.system.timezone("Europe/Paris")
require.system.sysctl("net.ipv4.tcp_fin_timeout", 30)
"""


@pytest.fixture(scope="module", params=[13, 12], ids=["debian13", "debian12"])
def driver(
    request: pytest.FixtureRequest, vm_host: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Driver]:
    name = f"t{request.param}8-{os.getpid()}"
    try:
        driver = Driver(vm.up(name, debian=request.param), tmp_path_factory.mktemp("system"))
        # /proc/sys is read-only in a container; this much of it is the machine's own.
        driver.ssh("mount --bind /proc/sys/net /proc/sys/net && mount -o remount,bind,rw /proc/sys/net")
        yield driver
    finally:
        vm.down(name)


def changed(said: str) -> list[str]:
    return re.findall(r"^  \+ (.*?):", said, re.MULTILINE)


def mail_for(driver: Driver, user: str, mark: str) -> str:
    """Return the mailbox of *user* once *mark* is in it."""
    deadline = time.monotonic() + 30
    while mark not in (box := driver.ssh(f"cat /var/mail/{user}", check=False)):
        assert time.monotonic() < deadline, driver.ssh("mailq; journalctl -n 30 -o cat")
        time.sleep(0.2)
    return box


def test_an_odd_name_is_refused_before_postfix_is_installed(driver: Driver) -> None:
    driver.ssh("hostname 12345")
    driver.fabfile('require.postfix.server("example.com")')
    ended = driver.fab("setup")
    driver.ssh("hostname $(cat /etc/hostname)")
    assert ended.returncode == 4
    assert 'this machine is called "12345"' in ended.stderr
    assert "fabfile.py:7" in ended.stderr
    assert "postfix" not in driver.ssh("dpkg-query -W -f '${Package}\\n'")


def test_everything_is_in_force_and_a_second_run_changes_nothing(driver: Driver) -> None:
    driver.fabfile(EVERYTHING)
    driver.done("setup")
    assert driver.ssh("hostname; cat /etc/hostname").split() == ["web1.example.org"] * 2
    assert driver.ssh("getent hosts web1").split()[1:] == ["web1.example.org", "web1"]
    assert {"fr_FR.utf8", "de_DE@euro"} <= set(driver.ssh("locale -a").split())
    assert driver.ssh("env -i bash -c '. /etc/default/locale; echo $LANG'") == "fr_FR.UTF-8\n"
    assert driver.ssh("LC_ALL=fr_FR.UTF-8 date -d 2026-02-01 +%B") == "février\n"
    assert driver.ssh("date -d @0 +%Z%H; cat /etc/timezone") == "CET01\nEurope/Paris\n"
    assert driver.ssh("cat /proc/sys/net/ipv4/tcp_fin_timeout") == "30\n"
    assert (
        driver.ssh("cat /etc/sysctl.d/60-blogops-net.ipv4.tcp_fin_timeout.conf")
        == "net.ipv4.tcp_fin_timeout = 30\n"
    )
    before = driver.state_of("/etc")
    assert ", 0 changed" in driver.done("setup")
    assert driver.state_of("/etc") == before


def test_mail_is_delivered_here(driver: Driver) -> None:
    driver.ssh("id writer || useradd -m writer")
    # By the mail's domain, the machine's own name, and no domain at all, as cron writes.
    for address in ("writer", "writer@example.com", "writer@web1.example.org", "writer@localhost"):
        mark = f"to-{address}-{time.time_ns()}"
        driver.ssh(f"printf 'Subject: hello\\n\\n{mark}\\n' | sendmail {address}")
        assert "From: root <root@example.com>" in mail_for(driver, "writer", mark)


def test_another_mail_name_is_followed_and_drift_brought_back(driver: Driver) -> None:
    driver.fabfile(EVERYTHING.replace('"example.com"', '"example.net"'))
    said = driver.done("setup")
    assert changed(said) == ["file /etc/mailname", "postfix_settings /etc/postfix/main.cf"]
    assert driver.ssh("postconf -h myhostname mydestination") == (
        "example.net\n$myhostname, example.net, /etc/hostname, localhost.localdomain, localhost\n"
    )
    mark = f"moved-{time.time_ns()}"
    driver.ssh(f"echo {mark} | sendmail writer@example.net")
    assert "<root@example.net>" in mail_for(driver, "writer", mark)
    driver.ssh("postconf -e myorigin=example.edu; hostname other; echo POSIX >/etc/timezone")
    driver.ssh("sysctl -qw net.ipv4.tcp_fin_timeout=60; sed -i s/fr_FR/en_US/ /etc/default/locale")
    assert changed(driver.done("setup")) == [
        "hostname /etc/hostname",
        "postfix_settings /etc/postfix/main.cf",
        "locale of every login",
        "file /etc/timezone",
        "sysctl net.ipv4.tcp_fin_timeout",
    ]
    assert ", 0 changed" in driver.done("setup")


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("inet_protocols", "bogus", "bogus"),
        ("myhostname", "bad_host!!", "bad_host!!"),
        ("message_size_limit", "much", "much"),
        ("smtpd_relay_restriction", "permit_mynetworks", "unused parameter: smtpd_relay_restriction"),
        ("relayhost", "$no_such_parameter", "undefined parameter: no_such_parameter"),
        ("smtpd_relay_restrictions", "frobnicate", "smtpd_relay_restrictions"),
        ("smtpd_tls_security_level", "maybe", "maybe"),
    ],
)
def test_what_postfix_refuses_never_counts(driver: Driver, setting: str, value: str, named: str) -> None:
    before = driver.bytes_of("/etc/postfix", "/etc/mailname")
    driver.fabfile(f'require.postfix.server("example.org", settings={{"{setting}": "{value}"}})')
    ended = driver.fab("setup")
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert named in ended.stderr
    assert "fabfile.py:7" in ended.stderr
    assert driver.bytes_of("/etc/postfix", "/etc/mailname") == before
    mark = f"still-{time.time_ns()}"
    driver.ssh(f"echo {mark} | sendmail writer")
    mail_for(driver, "writer", mark)


def test_a_locale_debian_has_not(driver: Driver) -> None:
    driver.fabfile('require.system.locale("fr_XX.UTF-8")')
    ended = driver.fab("setup")
    assert ended.returncode == 4
    assert "/usr/share/i18n/SUPPORTED" in ended.stderr
