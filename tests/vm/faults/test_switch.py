"""The switch: five hundred of them under load, and what the kernel saw of it."""

import re

import pytest

from faults.bench import Bench
from faults.checks import switches_lose_nothing, whole

pytestmark = pytest.mark.vm

CALLS = "unlink,unlinkat,rename,renameat,renameat2,symlink,symlinkat"
RENAME = re.compile(r'rename\w*\(.*"/srv/blog/\.current\.\w+", .*"/srv/blog/current".*\) = 0$')


def test_500_switches_lose_no_request(bench: Bench) -> None:
    assert bench.deploy().code == 0
    switches_lose_nothing(bench, 500)
    whole(bench)


def test_the_kernel_is_asked_for_one_rename_and_no_removal(bench: Bench) -> None:
    bench.ssh(
        "mkdir -p /tmp/faults/strace && cd /tmp/faults/strace && chmod 777 . && "
        "apt-get -qq download strace libunwind8 && for each in *.deb; do dpkg-deb -x $each .; done"
    )
    with bench.traced(CALLS) as trace, bench.polled():
        bench.do("switches", count=50)
    calls = [line for line in trace if '"/srv/blog/current"' in line]
    renames = [line for line in calls if RENAME.search(line)]
    assert len(renames) == 50
    assert renames == calls
