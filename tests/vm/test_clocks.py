"""The machine's own clock is moved: nights that were slept through, a dead cron, a clock that was wrong.

Only a machine with a kernel of its own has a clock of its own: qemu's. It gets what `fab setup` and
`fab deploy` did to a container, since an emulated processor would take ten minutes for that.
"""

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest
from driving import Driver, write_example

from blogops import vm

pytestmark = pytest.mark.vm

# What is another than on the blank machine, but for what makes it that machine.
CHANGED = (
    "cd / && find etc usr var srv home opt -xdev -cnewer /root/blank ! -path 'etc/ssh/*'"
    " ! -path 'var/cache/*' ! -path 'var/log/journal*' ! -path 'etc/systemd/network*'"
    " ! -name resolv.conf ! -name machine-id ! -name hostname -print0 | tar --null --no-recursion -T - -cf -"
)
POST = "{name}\n######\n\n:date: {date}\n\nA text.\n"


class Clock(Driver):
    """A blog on a machine whose clock may be moved."""

    def ledger(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.ssh("cat /srv/blog/ledger.jsonl").splitlines()]

    def move(self, by: str) -> None:
        """Move the clock *by* (date(1)), while cron is not there to see it."""
        self.ssh(f"systemctl stop cron; date -s '{by}'; systemctl start cron")

    def minute(self, start: str = "") -> None:
        """Bring the clock on to a full minute, or to that of *start*; wait until what cron began is over."""
        now = f"$(date -d {start} +%s)" if start else "$(( $(date +%s) + 120 ))"
        self.ssh(
            f"t=$(( {now} / 60 * 60 )); systemctl stop cron; date -s @$(( t - 8 )); systemctl start cron;"
            "until [ $(date +%s) -gt $(( t + 3 )) ]; do sleep 0.5; done;"
            "while pgrep -u blog -f lib/blogops-blog/due >/dev/null; do sleep 0.5; done"
        )


def _copied(one: Driver, other: Driver) -> None:
    lines = [["ssh", "-F", str(each.machine.ssh_config), each.machine.name] for each in (one, other)]
    with subprocess.Popen([*lines[0], CHANGED], stdout=subprocess.PIPE) as source:
        subprocess.run([*lines[1], "tar -C / -xf -"], stdin=source.stdout, check=True, timeout=300)
    assert source.returncode == 0


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory, fresh_names: Callable[[], str]) -> Iterator[Clock]:
    folder = tmp_path_factory.mktemp("clocks") / "blog"
    write_example(folder)
    container = Driver(vm.up(fresh_names(), debian=13, backend="nspawn"), folder)
    container.ssh("touch /root/blank; sleep 1")
    container.done("setup")
    container.done("deploy")
    blog = Clock(vm.up(fresh_names(), debian=13, backend="qemu"), folder)
    _copied(container, blog)
    vm.down(container.machine.name)
    blog.ssh("install -o blog -g blog -m 600 /root/.ssh/authorized_keys /home/blog/.ssh/authorized_keys")
    blog.ssh("ldconfig; systemctl daemon-reload; systemctl restart nginx supervisor cron")
    yield blog


def test_01_the_daily_hour(blog: Clock) -> None:
    lines = len(blog.ledger())
    blog.minute()
    assert len(blog.ledger()) == lines  # nothing is due
    daily = json.loads(blog.ssh("cat /srv/blog/work/due.json"))["daily"]
    blog.minute(daily)
    [line] = blog.ledger()[lines:]
    assert (line["reason"], line["outcome"]) == ("schedule", "unchanged")
    assert line["time"][:16] == daily[:16]


def test_02_cron_is_dead_for_two_days_and_two_nights(blog: Clock) -> None:
    """A post was due meanwhile. The silence is told; one run makes up for all."""
    tomorrow = blog.ssh("date -u -d '+1 day' '+%F %H:%MZ'").strip()
    post = POST.format(name="Missed", date=tomorrow)
    blog.ssh(f"cat >/srv/blog/source/content/missed.rst <<'END'\n{post}END")
    blog.ssh("rm /srv/blog/work/due.json")
    blog.minute()
    lines = len(blog.ledger())
    blog.ssh("systemctl kill -s KILL cron; systemctl stop cron; date -s '+2 days'")
    silent = blog.fab("status")
    assert silent.returncode == 4
    assert "cron" in silent.stdout + silent.stderr
    assert blog.code("/missed.html") == 404
    blog.ssh("systemctl start cron")
    blog.minute()
    blog.minute()
    [line] = blog.ledger()[lines:]
    assert (line["reason"], line["outcome"]) == ("schedule", "published")
    assert blog.code("/missed.html") == 200
    assert blog.fab("status").returncode == 0


def test_03_a_clock_that_is_set_back(blog: Clock) -> None:
    """Nothing is unpublished; it is told once, and goes on once the clock is right."""
    lines = len(blog.ledger())
    blog.move("-1 day")
    for _ in range(3):
        blog.minute()
    failed = blog.ledger()[lines:]
    assert {line["outcome"] for line in failed} == {"failed"}
    assert "the clock says" in failed[0]["error"]
    assert blog.code("/missed.html") == 200
    blog.move("+1 day")
    for _ in range(2):
        blog.minute()
    assert blog.ledger()[-1]["outcome"] in ("unchanged", "published")
    assert blog.ssh("grep -c 'ended with' /var/log/blogops/blog-rebuild.log").strip() == str(len(failed))
    assert json.loads(blog.done("cron", "list", "--json"))["failing"] == ""


def test_04_a_clock_that_was_ahead(blog: Clock) -> None:
    """What was published too early goes again, once whoever knows says that the clock is right now."""
    blog.move("+3 days")
    blog.minute()
    blog.move("-3 days")
    blog.minute()
    assert "the clock says" in blog.ledger()[-1]["error"]
    blog.done("deploy", "--force")
    blog.minute()
    blog.minute()
    assert json.loads(blog.done("cron", "list", "--json"))["failing"] == ""
