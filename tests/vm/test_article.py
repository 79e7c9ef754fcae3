"""The article's own example, run top to bottom on a blank Debian 12 and 13."""

import re
import shutil
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import REPO, Driver

from blogops import vm

pytestmark = pytest.mark.vm

ARTICLE = REPO / "example/content/retours-pyconfr-2012.rst"
TOUCHED = "/etc /srv /home /var/lib/dpkg /var/lib/apt /var/lib/postgresql/*/main/base /var/spool/cron"


def the_articles_setup() -> str:
    """Return the code of the article from its @task on."""
    text = ARTICLE.read_text(encoding="utf-8")
    block = re.search(r"(    @task\n    def setup\(\):.*?)\n\n\* `En savoir plus", text, re.DOTALL)
    assert block
    return textwrap.dedent(block[1])


def test_the_example_is_the_article_word_for_word() -> None:
    written = (REPO / "example/fabtools/fabfile.py").read_text(encoding="utf-8")
    code = "\n".join(line.rstrip() for line in the_articles_setup().splitlines())
    assert code in written


def answered(driver: Driver) -> str:
    """Return what a reader gets; the application may take a second to import Pyramid."""
    url = f"http://127.0.0.1:{driver.machine.http_port}/"
    request = urllib.request.Request(url, headers={"Host": "example.com"})
    for _ in range(50):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                body: str = answer.read().decode()
                if "Trop cool" in body:
                    return body
        except urllib.error.HTTPError as error:
            body = str(error.code)
            error.close()
        time.sleep(0.1)
    return body


@pytest.mark.parametrize("debian", [13, 12])
def test_the_articles_setup_runs(fresh: Callable[[int], vm.Machine], tmp_path: Path, debian: int) -> None:
    shutil.copytree(REPO / "example/fabtools", tmp_path / "fabtools")
    driver = Driver(fresh(debian), tmp_path / "fabtools")

    # Alone it takes for granted an application that nothing brings: said before anything is changed.
    refused = driver.fab("setup")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert re.search(r"fabfile\.py:\d+: .*there is no directory /home/myuser/env/myapp", refused.stderr)
    assert driver.ssh("ls -d /home/myuser /etc/nginx /etc/postfix 2>/dev/null || true") == ""

    driver.done("app")
    assert re.search(r"\bchanged", driver.done("setup"))

    assert answered(driver) == "Trop cool, example.com!\n"
    curl = "curl -s -H 'Host: example.com' http://127.0.0.1"
    driver.ssh("apt-get -qq -y install curl >/dev/null")
    assert driver.ssh(f"{curl}/") == "Trop cool, example.com!\n"
    assert driver.ssh(f"{curl}/hello.txt") == "From the disk, past the application.\n"
    assert driver.ssh("ps -o user= -C gunicorn | sort -u").split() == ["myuser"]

    driver.ssh("printf 'Subject: hello\\n\\na word\\n' | /usr/sbin/sendmail myuser")
    deadline = time.monotonic() + 20
    while "a word" not in driver.ssh("cat /var/mail/myuser /home/myuser/Maildir/new/* 2>/dev/null || true"):
        assert time.monotonic() < deadline, driver.ssh("postqueue -p; journalctl -q -n 30")
        time.sleep(0.5)

    login = "PGPASSWORD=s3cr3tp4ssw0rd psql -h 127.0.0.1 -U myuser myappsdb -tAc"
    assert driver.ssh(f"{login} 'select current_user, current_database()'") == "myuser|myappsdb\n"
    assert driver.ssh("runuser -u myuser -- psql myappsdb -tAc 'select current_user'") == "myuser\n"
    assert driver.ssh("/home/myuser/env/bin/python -c 'import pyramid; print(\"yes\")'") == "yes\n"

    # The daemon itself says that it has read the file: it would name what it cannot use.
    driver.ssh("systemctl restart cron; sleep 1")
    assert driver.ssh("cat /etc/cron.d/maintenance").endswith("@daily myuser my_script.py\n")
    assert "maintenance" not in driver.ssh("journalctl -q -u cron -o cat | grep -i -e error -e bad || true")

    pids = "systemctl show -p MainPID nginx supervisor cron postgresql@*-main; supervisorctl pid myapp"
    before = driver.state_of(TOUCHED), driver.ssh(pids)
    again = driver.done("setup")
    assert re.search(r"\b0 changed", again), again
    assert "!" not in again
    assert (driver.state_of(TOUCHED), driver.ssh(pids)) == before
    assert re.search(r"\b0 changed", driver.done("app"))
