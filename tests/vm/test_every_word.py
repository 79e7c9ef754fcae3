"""Every word of require on a real Debian 13 and 12: it does what it says, and the second run does nothing."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import Driver
from vocabulary import WORDS

from blogops import vm

pytestmark = pytest.mark.vm

# A package source of the host's own, signed with a key of its own.
ARCHIVE = """
set -e
mkdir -p /srv/archive/made/DEBIAN && cd /srv/archive
printf 'Package: ours\\nVersion: 1.0\\nArchitecture: all\\nDescription: ours\\n' \
    >made/DEBIAN/control
apt-get -qq update
apt-get -qq -y install --no-install-recommends apt-utils gpg gpg-agent git >/dev/null
dpkg-deb -b made ours_1.0_all.deb >/dev/null
sed -i s/1.0/2.0/ made/DEBIAN/control && dpkg-deb -b made ours_2.0_all.deb >/dev/null
apt-ftparchive packages . >Packages && apt-ftparchive release . >Release
export GNUPGHOME=/root/.gnupg
gpg -q --batch --passphrase '' --quick-generate-key archive default default never 2>/dev/null
gpg -q --batch --yes --armor --detach-sign --output Release.gpg Release
gpg --batch --armor --export archive
"""
REPOSITORY = """
git init -q -b main /srv/remote && cd /srv/remote
git config user.name me && git config user.email me@example.org
echo one >file && git add file && git commit -q -m one && git config --system safe.directory '*'
"""

FABFILE = """
require.deb.uptodate_index(max_age=86400)
require.deb.source("ours", "file:/srv/archive", "./", key="ours.asc")
require.deb.package("ours", version="1.0")
require.deb.packages(["cron", "logrotate"])
require.deb.preseed("popularity-contest", {"popularity-contest/participate": ("boolean", "false")})
require.deb.nopackage("nano")
require.deb.nopackages(["vim-tiny", "whiptail-not-there"], purge=True)

require.group("editors", gid=4711)
key = "ssh-ed25519 AAAAanna anna@laptop"
require.user("anna", comment="Anna", extra_groups=["editors"], ssh_public_keys=[key])
require.authorized_keys("berta", ["ssh-ed25519 AAAAberta berta@laptop"], exclusive=True)
require.sudoer("anna", ["/usr/bin/systemctl reload nginx.service"])
require.nouser("games-nobody-plays")

require.directory("/srv/app", owner="anna", mode="750")
require.directories(["/srv/app/one", "/srv/app/two"], owner="anna")
text = require.file("/etc/app.conf", "a = 1\\n", group="editors", mode="640")
require.template_file("/etc/app.tpl", template_contents="for {{ name }}\\n", context={"name": "anna"})
require.link("/srv/app-link", "app")
require.absent("/etc/motd")
require.absent("/opt/old", tree=True)
require.logrotate("app", ["/var/log/app/*.log"])
with require.only_if("test -e /etc/debian_version"):
    require.file("/etc/on-debian", "yes\\n")
with require.only_if("test -e /etc/not-debian"):
    require.file("/etc/on-others", "no\\n")
with require.after(text), require.notify(provision.restart("cron")):
    require.file("/etc/default/app", "NAME=anna\\n")

require.service.started("cron")
require.service.enabled("fstrim.timer")
require.service.stopped("apt-daily.timer")
require.service.restarted("cron", since=["/etc/default/app"])

require.cron.task("tidy", "30 3 * * *", "anna", "true", environment={"LANG": "C"})
require.cron.daily("daily", user="anna", command="true")
require.cron.hourly("hourly", user="anna", command="true")
require.cron.absent("never")

require.supervisor.process("napper", command="/bin/sleep infinity", user="anna", environment={"NAP": "yes"})
require.supervisor.absent("insomniac")

require.nginx.server()
require.nginx.disabled("default")
require.nginx.site("plain", "server { listen 8001; return 204; }\\n")
require.nginx.static_site("static.example.org", docroot="/srv/www")
require.directory("/srv/www")
require.file("/srv/www/index.html", "static\\n")
require.nginx.proxied_site("proxied.example.org", proxy_url="http://127.0.0.1:8001")

require.postfix.server("mail.example.org", settings={"inet_interfaces": "loopback-only"})
require.postgres.server()
require.postgres.user("anna", "s3cr3t", connection_limit=5)
require.postgres.database("notes", "anna")

with require.python.virtualenv("/home/anna/env"):
    require.python.package("six")
    require.python.packages(["idna"])
require.file("/srv/requirements.txt", "certifi\\n")
require.python.requirements("/srv/requirements.txt", virtualenv="/home/anna/env")
require.python.locked_virtualenv("/srv/locked", lock="", fingerprint="1")
require.git.working_copy("/srv/remote", "/srv/app/copy", user="anna")
require.command("echo made >/srv/made", creates="/srv/made")

require.system.hostname("every-word")
require.system.timezone("Europe/Paris")
require.system.locale("fr_FR.UTF-8")
require.system.locales(["de_DE.UTF-8"])
require.system.default_locale("fr_FR.UTF-8")
require.system.sysctl("net.ipv4.ip_unprivileged_port_start", 1024)
"""

ASKED = {
    "cat /etc/hostname": "every-word\n",
    "dpkg-query -W -f '${Version}' ours": "1.0",
    "stat -c '%a %G' /etc/app.conf": "640 editors\n",
    "cat /etc/app.tpl": "for anna\n",
    "id -nG anna": "anna editors\n",
    "ls /etc/on-debian /etc/on-others 2>/dev/null || true": "/etc/on-debian\n",
    "cat /home/berta/.ssh/authorized_keys": "ssh-ed25519 AAAAberta berta@laptop\n",
    "stat -c '%U' /home/anna/.ssh/authorized_keys": "anna\n",
    "runuser -u anna -- sudo -n -l | grep -c 'reload nginx'": "1\n",
    "systemctl is-enabled fstrim.timer apt-daily.timer || true": "enabled\ndisabled\n",
    "tr '\\0' '\\n' </proc/$(supervisorctl pid napper)/environ | grep NAP": "NAP=yes\n",
    "supervisorctl status | grep -c RUNNING": "1\n",
    "cat /srv/app/copy/file; stat -c %U /srv/app/copy/file": "one\nanna\n",
    "date +%Z | grep -c -e CET -e CEST": "1\n",
    "locale -a | grep -c -e fr_FR -e de_DE": "2\n",
    "grep -v '^#' /etc/default/locale": "LANG=fr_FR.UTF-8\n",
    "cat /proc/sys/net/ipv4/ip_unprivileged_port_start": "1024\n",
    "postconf -h inet_interfaces": "loopback-only\n",
    "PGPASSWORD=s3cr3t psql -h 127.0.0.1 -U anna notes -tAc 'select 1'": "1\n",
    "cd /; /home/anna/env/bin/python -c 'import six, idna, certifi; print(1)'": "1\n",
    "curl -s -H 'Host: static.example.org' 127.0.0.1": "static\n",
    "curl -s -o /dev/null -w '%{http_code}' -H 'Host: proxied.example.org' 127.0.0.1": "204",
    "ls /etc/motd /opt/old /etc/cron.d/never 2>/dev/null || true": "",
}
TOUCHED = "/etc /srv /home /opt /usr /var/lib /var/spool /var/log/supervisor"
# What a run leaves on purpose, and what a login does.
OWN = "grep -v -e ' /var/lib/blogops' -e '^/var/lib/blogops' -e /var/lib/systemd -e /var/lib/postgresql"
PIDS = (
    "systemctl show -p MainPID nginx supervisor cron postfix@- postgresql@*-main; "
    "pgrep -P $(cat /run/nginx.pid) | sort; supervisorctl pid napper"
)


def journal(driver: Driver, cursor: str) -> str:
    """Return what was written since *cursor*, but for what a login over SSH writes."""
    return driver.ssh(
        f"journalctl -q --after-cursor='{cursor}' -o short | "
        "grep -v -e ' sshd' -e pam_ -e systemd-logind -e ' CRON' -e 'ssession-' -e 'ession ' || true"
    )


@pytest.mark.parametrize("debian", [13, 12])
def test_every_word_and_a_second_run(fresh: Callable[[int], vm.Machine], tmp_path: Path, debian: int) -> None:
    driver = Driver(fresh(debian), tmp_path)
    (tmp_path / "ours.asc").write_text(driver.ssh(ARCHIVE))
    driver.ssh(REPOSITORY)
    driver.ssh("apt-get -qq -y install nano procps curl >/dev/null")
    driver.ssh("mkdir -p /opt/old/deep /etc/cron.d; touch /etc/cron.d/never")
    driver.fabfile(FABFILE)

    first = driver.done("setup")
    assert "- file /etc/on-others: not here: `test -e /etc/not-debian` fails" in first
    for command, answer in ASKED.items():
        assert driver.ssh(command) == answer, command
    assert "nano" not in driver.ssh(
        "dpkg-query -W -f '${Package} ${db:Status-Status}\\n' | grep ' installed'"
    )
    assert first.count("nginx reload") == 1

    cursor = driver.ssh("journalctl -q -n 0 --show-cursor").rpartition("cursor: ")[2].strip()
    state = f"find {TOUCHED} -xdev -printf '%p %i %T@ %C@ %m %u\\n' | {OWN} | sort"
    before = driver.ssh(state), driver.ssh(PIDS)
    again = driver.done("setup")
    assert re.search(r"\b0 changed", again), again
    assert " + " not in again and " ! " not in again
    assert (driver.ssh(state), driver.ssh(PIDS)) == before
    assert journal(driver, cursor) == ""

    # The version drifts, and is brought back.
    driver.ssh("apt-get -qq -y install ours=2.0 >/dev/null")
    assert "packages ours: installed ours=1.0" in driver.done("setup")
    assert driver.ssh("dpkg-query -W -f '${Version}' ours") == "1.0"


def test_no_word_is_left_out() -> None:
    used = set(re.findall(r"require\.([a-z_.]+)\(", FABFILE))
    assert set(WORDS) - used == set()
