"""Status and metrics of a real server: what is well, what is not, and who may see it."""

import json
from collections.abc import Callable, Iterator

import pytest
from driving import REPO, Driver, write_example

from blogops import vm

pytestmark = pytest.mark.vm

TEXTFILES = "/var/lib/prometheus/node-exporter"
ASK = "python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())'"
NGINX = """server {
    listen 443 ssl;
    server_name blog.example.org;
    ssl_certificate /etc/ssl/own.pem;
    ssl_certificate_key /etc/ssl/own.key;
}
"""


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory, fresh_names: Callable[[], str]) -> Iterator[Driver]:
    folder = tmp_path_factory.mktemp("status") / "blog"
    write_example(folder)
    (folder / "token").write_text("s3cret-token\n")
    toml = folder / "blog.toml"
    toml.write_text(toml.read_text().replace('token = ""', 'token = "file:token"'))
    driver = Driver(vm.up(fresh_names(), debian=13), folder)
    driver.ssh(f"mkdir -p {TEXTFILES}")
    assert "s3cret" not in driver.done("setup")
    driver.done("deploy")
    yield driver


def told(blog: Driver, code: int) -> dict[str, object]:
    """Return what `fab status --json` tells."""
    ended = blog.fab("status", "--json")
    assert ended.returncode == code, ended.stdout + ended.stderr
    facts: dict[str, object] = json.loads(ended.stdout)
    return facts


def test_all_is_well(blog: Driver) -> None:
    connections = "journalctl -u ssh --no-pager | grep -c 'Accepted publickey for blog' || true"
    before = int(blog.ssh(connections))
    screen = blog.done("status")
    assert int(blog.ssh(connections)) == before + 1
    for words in (
        "live",
        "no HTTPS",
        "nginx, supervisor, cron, blog-service",
        "Debian GNU/Linux 13",
        "inodes",
    ):
        assert words in screen
    assert "fab setup` would change nothing" in screen
    facts = told(blog, 0)
    assert (facts["problems"], facts["drift"]) == ([], [])


def test_what_root_changed_is_drift(blog: Driver) -> None:
    blog.ssh("sed -i.old s/weekly/monthly/ /etc/logrotate.d/blogops-blog")
    assert told(blog, 0)["drift"] == ["file /etc/logrotate.d/blogops-blog"]
    blog.ssh("mv /etc/logrotate.d/blogops-blog.old /etc/logrotate.d/blogops-blog")


def test_a_certificate(blog: Driver) -> None:
    blog.ssh(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=x -keyout /etc/ssl/own.key "
        f"-out /etc/ssl/own.pem 2>&1 && echo '{NGINX}' >/etc/nginx/conf.d/own.conf && systemctl reload nginx"
    )
    facts = told(blog, 0)
    host = facts["host"]
    assert isinstance(host, dict)
    assert str(host["certificate"]).endswith("Z")
    assert "in 9 d" in blog.done("status")
    blog.ssh("rm /etc/nginx/conf.d/own.conf && systemctl reload nginx")


def test_nginx_is_dead(blog: Driver) -> None:
    blog.ssh("systemctl stop nginx")
    try:
        assert "nginx is" in str(told(blog, 4)["problems"])
        assert "wrong: nginx is" in blog.fab("status").stderr
    finally:
        blog.ssh("systemctl start nginx")


def test_silence(blog: Driver) -> None:
    old = """sed -i -E 's/"time": "[0-9]{4}/"time": "2020/' /srv/blog/ledger.jsonl"""
    blog.ssh(f"cp /srv/blog/ledger.jsonl /root/ && {old} && chown blog: /srv/blog/ledger.jsonl")
    assert "no rebuild has succeeded since 2020" in str(told(blog, 4)["problems"])
    blog.ssh("cat /root/ledger.jsonl >/srv/blog/ledger.jsonl")


def test_who_may_see_metrics(blog: Driver) -> None:
    direct = blog.ssh(f"{ASK} http://127.0.0.1:8710/_blog/metrics")
    assert 'blogops_attempts_total{blog="blog",task="deploy",outcome="published"} 1' in direct
    assert "blogops_service_uptime_seconds" in direct
    assert blog.ssh("stat -c '%a %U %G' /etc/blogops-blog.token").split() == ["640", "root", "www-data"]
    outside = (
        "from urllib.request import Request, urlopen; import socket, sys\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('192.0.2.1', 9))\n"
        "own = s.getsockname()[0]\n"
        "headers = {'Host': 'blog.example.org', **eval(sys.argv[1])}\n"
        "r = Request(f'http://{own}/_blog/metrics', headers=headers)\n"
        "print(urlopen(r).status)\n"
    )
    blog.ssh(f"cat >/tmp/ask.py <<'EOF'\n{outside}EOF")
    assert "404" in blog.ssh("python3 /tmp/ask.py '{}' 2>&1", check=False)
    assert "404" in blog.ssh("""python3 /tmp/ask.py '{"Authorization": "Bearer no"}' 2>&1""", check=False)
    assert "404" in blog.ssh("""python3 /tmp/ask.py '{"X-Forwarded-For": "127.0.0.1"}' 2>&1""", check=False)
    assert "200" in blog.ssh("""python3 /tmp/ask.py '{"Authorization": "Bearer s3cret-token"}'""")


def test_promtool_takes_rules_and_metrics(blog: Driver) -> None:
    assert "blogops_attempts_total" in blog.ssh(f"cat {TEXTFILES}/blogops-blog.prom")
    blog.ssh(
        "ln -sf /dev/null /etc/systemd/system/prometheus.service && apt-get -qq update && "
        "DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends prometheus 2>&1"
    )
    for name in ("blogops.rules.yml", "blogops.test.yml"):
        text = (REPO / "example/prometheus" / name).read_text()
        blog.ssh(f"cat >/tmp/{name} <<'EOF'\n{text}EOF")
    blog.ssh("cd /tmp && promtool check rules blogops.rules.yml && promtool test rules blogops.test.yml")
    blog.ssh(f"{ASK} http://127.0.0.1:8710/_blog/metrics | sed '$d' | promtool check metrics")
