"""The article's virtual environment on a blank Debian: nothing else declared, and all of it there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import Driver

from blogops import vm

pytestmark = pytest.mark.vm

ARTICLE = """
with fabtools.python.virtualenv("/home/myuser/env"):
    require.python.package("pyramid")
"""
REST = """
require.file("/srv/requirements.txt", "tomli>=1\\n")
require.python.requirements("/srv/requirements.txt", virtualenv="/srv/app/env")
require.git.working_copy("/srv/origin", user="myuser", branch="trunk")
require.command("env/bin/python -c 'import pyramid' && echo \\"$WORD\\" >seen", creates="/home/myuser/seen",
                user="myuser", directory="/home/myuser", environment={"WORD": provision.Secret("s3cr3t")})
"""
ORIGIN = (
    "git init -q -b trunk /srv/origin && cd /srv/origin && echo one >a && git add a && "
    "git -c user.name=a -c user.email=a@example.org commit -qm a && chown -R myuser /srv/origin"
)
FOLDERS = ("/home", "/srv", "/etc", "/usr")


@pytest.fixture(params=[13, 12], ids=lambda debian: f"debian{debian}")
def blank(
    request: pytest.FixtureRequest, fresh: Callable[[int], vm.Machine], tmp_path: Path
) -> Iterator[Driver]:
    yield Driver(fresh(request.param), tmp_path)


def test_the_article_on_a_blank_host(blank: Driver) -> None:
    blank.fabfile(ARTICLE)
    assert ", 0 changed" not in blank.done("setup")
    assert (
        blank.ssh("stat -c %U /home/myuser /home/myuser/env /home/myuser/env/bin/pip").split()
        == ["myuser"] * 3
    )
    blank.ssh("runuser -u myuser -- /home/myuser/env/bin/python -c 'import pyramid'")
    assert blank.ssh("find /home/myuser/env ! -user myuser") == ""
    _changes_nothing(blank)

    blank.ssh("apt-get -qq install -y git >/dev/null && " + ORIGIN)
    blank.fabfile(ARTICLE + REST)
    said = blank.done("setup")
    assert "s3cr3t" not in said
    assert blank.ssh("cat /home/myuser/seen /home/myuser/origin/a").split() == ["s3cr3t", "one"]
    assert "s3cr3t" not in blank.ssh("cat /var/lib/blogops/runs/*")
    _changes_nothing(blank)

    # What an upgrade of Debian leaves behind: the environment's Python is not there any more.
    blank.ssh("ln -sfn /usr/bin/python3.1 /home/myuser/env/bin/python3")
    blank.fabfile('require.python.virtualenv("/home/myuser/env")')
    assert "its Python is gone" in blank.done("setup")
    blank.fabfile(ARTICLE + REST)
    assert "0 would change" in blank.fab("setup", "--check").stdout
    _changes_nothing(blank)


def _changes_nothing(blank: Driver) -> None:
    before = blank.state_of(*FOLDERS)
    assert ", 0 changed" in blank.done("setup")
    assert blank.state_of(*FOLDERS) == before
