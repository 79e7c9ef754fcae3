"""Looks that need a program of the host: on a fake root with stand-ins for it, run twice."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from looking import Listener, Remembering, act

from blogops.agent import programs
from blogops.agent.apt import look_dpkg
from blogops.agent.finding import Finding, ResourceError
from blogops.agent.kinds import KINDS
from blogops.agent.preflight import absences
from blogops.agent.run import Run

APT_GET = r"""#!/bin/sh
# Installs and removes by writing down what dpkg would.
lists={root}/var/lib/apt/lists dpkg={root}/var/lib/dpkg
case " $* " in *" update "*) mkdir -p $lists/partial; touch $lists/x_Packages; exit 0;; esac
case " $* " in *" install "*) status="install ok installed";; *) status="deinstall ok config-files";; esac
case " $* " in *" purge "*) status="";; esac
for word; do case "$word" in
    -*|*::*|install|remove|purge) ;;
    *)
        name=${{word%%=*}} version=${{word#*=}}
        [ "$version" != "$word" ] || version=1.0
        awk -v RS= -v ORS="\n\n" -v p="Package: $name" '$0 !~ "^" p "\n"' $dpkg/status >$dpkg/new
        text='Package: %s\nStatus: %s\nVersion: %s\n\n'
        [ -z "$status" ] || printf "$text" $name "$status" $version >>$dpkg/new
        mv $dpkg/new $dpkg/status;;
esac; done
"""
SYSTEMCTL = r"""#!/bin/sh
state={root}/units
case $1 in
show)
    shift 2
    for unit; do
        cat $state/$unit 2>/dev/null || printf 'Id=%s\nLoadState=not-found\n' $unit
        echo
    done;;
enable) sed -i s/UnitFileState=.*/UnitFileState=enabled/ $state/$2;;
start|restart)
    now=$({python} -c 'import time; print(int(time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6))')
    sed -i -e s/ActiveState=.*/ActiveState=active/ -e s/Monotonic=.*/Monotonic=$now/ $state/$2;;
reload)
    grep -q ActiveState=active $state/$2 || {{ echo "$2 is not active, cannot reload." >&2; exit 1; }}
    echo $2 >>{root}/reloads;;
disable) sed -i -e s/ActiveState=.*/ActiveState=inactive/ -e s/FileState=.*/FileState=disabled/ $state/$3;;
esac
"""
UNIT = """Id={0}
LoadState=loaded
ActiveState=inactive
UnitFileState=disabled
ActiveEnterTimestampMonotonic=0
"""


@pytest.fixture
def host(tmp_path: Path) -> Remembering:
    for folder in ("bin", "units", "var/lib/dpkg/updates", "var/lib/apt", "etc"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").write_text(
        "Package: bash\nStatus: install ok installed\nVersion: 5\n\n"
    )
    for name, text in (("apt-get", APT_GET), ("systemctl", SYSTEMCTL)):
        (tmp_path / "bin" / name).write_text(text.format(root=tmp_path, python=sys.executable))
        (tmp_path / "bin" / name).chmod(0o755)
    found = Remembering(tmp_path)
    found.environment["PATH"] = f"{tmp_path}/bin:{found.environment['PATH']}"
    return found


def look(host: Remembering, kind: str, name: str, **want: Any) -> Finding:
    return KINDS[kind](host, name, want)


def packages(host: Remembering, *names: str, **versions: str) -> Finding:
    return look(host, "packages", ", ".join(names), packages=list(names), versions=versions)


def test_packages_come_once_and_a_version_is_brought_back(host: Remembering) -> None:
    assert act(packages(host, "bash", "tree")) == "installed tree"
    assert [words[-1] for words in host.ran] == ["update", "tree"]  # there was no index
    assert packages(host, "bash", "tree") == Finding("bash 5, tree 1.0")
    assert act(packages(host, "tree", tree="2.0")) == "installed tree=2.0"
    assert packages(host, "tree", tree="2.0") == Finding("tree 2.0")
    assert len(host.ran) == 3  # the index is fresh now


def test_a_version_that_the_index_does_not_know_yet_is_fetched(host: Remembering, tmp_path: Path) -> None:
    act(packages(host, "tree"))
    apt_get = tmp_path / "bin/apt-get"
    # Until the next update, as apt says it.
    unknown = """case " $* " in
    *" update "*) touch {0}/known;;
    *) [ -e {0}/known ] || {{ echo "E: Version '2.0' for 'tree' was not found" >&2; exit 100; }};;
esac
"""
    head, _, rest = apt_get.read_text().partition("\n")
    apt_get.write_text(f"{head}\n{unknown.format(tmp_path)}{rest}")
    assert act(packages(host, "tree", tree="2.0")) == "installed tree=2.0"
    assert packages(host, "tree", tree="2.0") == Finding("tree 2.0")


def test_packages_go_once_and_with_purge_all_of_them(host: Remembering) -> None:
    want = {"packages": ["bash", "vim"], "purge": False}
    assert act(look(host, "nopackages", "bash, vim", **want)) == "removed bash"
    assert look(host, "nopackages", "bash, vim", **want) == Finding("not installed")
    want["purge"] = True
    assert act(look(host, "nopackages", "bash, vim", **want)) == "removed bash"
    assert look(host, "nopackages", "bash, vim", **want) == Finding("not installed")


def test_a_name_that_is_only_provided_is_no_package_to_remove(host: Remembering, tmp_path: Path) -> None:
    mawk = "Package: mawk\nStatus: install ok installed\nVersion: 1\nProvides: awk\n\n"
    (tmp_path / "var/lib/dpkg/status").write_text(mawk)
    for purge in (False, True):
        assert look(host, "nopackages", "awk", packages=["awk"], purge=purge) == Finding("not installed")
    assert packages(host, "awk") == Finding("awk by mawk")


def test_the_index_is_fetched_when_it_is_old(host: Remembering, tmp_path: Path) -> None:
    assert act(look(host, "apt_index", "apt", max_age=3600)) == "updated"
    assert look(host, "apt_index", "apt", max_age=3600) == Finding("is 0.0 h old")
    old = time.time() - 7200
    for path in ("x_Packages", "partial"):
        os.utime(tmp_path / "var/lib/apt/lists" / path, (old, old))
    assert look(host, "apt_index", "apt", max_age=3600).act
    assert not look(host, "apt_index", "apt", max_age=86400).act


def test_a_source_is_written_once_and_makes_the_index_old(host: Remembering, tmp_path: Path) -> None:
    want = {"key": "-----BEGIN…\n", "stanza": "Types: deb\n"}
    act(packages(host, "tree"))  # and with it a fresh index
    assert act(look(host, "apt_source", "ours", **want)) == "written"
    assert look(host, "apt_source", "ours", **want) == Finding("is as wanted")
    assert (tmp_path / "etc/apt/keyrings/ours.asc").stat().st_mode & 0o777 == 0o644
    act(packages(host, "other"))
    assert [words[-1] for words in host.ran] == ["update", "tree", "update", "other"]
    act(packages(host, "third"))
    assert host.ran[-2][-1] == "other"  # the index knows of it by now
    (tmp_path / "etc/apt/sources.list.d/ours.sources").write_text("changed")
    assert look(host, "apt_source", "ours", **want).diff.endswith("-changed\n+Types: deb")


def test_a_source_of_a_run_that_was_cut_makes_the_index_old(host: Remembering, tmp_path: Path) -> None:
    act(packages(host, "tree"))
    act(look(host, "apt_source", "ours", key="-----BEGIN…\n", stanza="Types: deb\n"))
    host.learnt.clear()  # the next run remembers nothing
    assert act(packages(host, "other")) == "installed other"
    assert host.ran[-2][-1] == "update"
    (tmp_path / "etc/apt/sources.list").write_text("deb …\n")
    assert act(look(host, "apt_index", "apt", max_age=3600)) == "updated"
    assert not look(host, "apt_index", "apt", max_age=3600).act


def test_an_interrupted_dpkg_is_repaired_once(host: Remembering, tmp_path: Path) -> None:
    assert look_dpkg(host, "packages", {"dry": False}) == Finding("is consistent")
    status = tmp_path / "var/lib/dpkg/status"
    status.write_text("Package: half\nStatus: install reinstreq half-installed\nVersion: 1\n\n")
    (tmp_path / "bin/dpkg").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin/dpkg").chmod(0o755)
    finding = look_dpkg(host, "packages", {"dry": False})
    assert act(finding) == "an interrupted run of dpkg is finished: half"
    assert look_dpkg(host, "packages", {"dry": False}) == Finding("is consistent")


def service(host: Remembering, unit: str, **want: Any) -> Finding:
    return look(host, "service", unit, unit=unit, **want)


def test_services_are_started_enabled_stopped_once(host: Remembering, tmp_path: Path) -> None:
    (tmp_path / "units/a.service").write_text(UNIT.format("a.service"))
    running = {"active": True, "enabled": True}
    assert act(service(host, "a.service", **running)) == "started and enabled"
    assert service(host, "a.service", **running) == Finding("is started and enabled")
    assert act(service(host, "a.service", active=False, enabled=False)) == "stopped"
    assert service(host, "a.service", active=False, enabled=False) == Finding("is stopped")
    assert act(service(host, "a.service", enabled=True)) == "enabled"
    assert service(host, "a.service", enabled=True) == Finding("is enabled")
    assert service(host, "none.service", active=False) == Finding("is not found")
    with pytest.raises(ResourceError, match=r"none\.service is not found; require its package first"):
        service(host, "none.service", **running)


def test_a_service_is_restarted_when_a_file_is_newer(host: Remembering, tmp_path: Path) -> None:
    (tmp_path / "units/a.service").write_text(UNIT.format("a.service"))
    (tmp_path / "etc/a.conf").write_text("")
    os.utime(tmp_path / "etc/a.conf", (time.time() - 60, time.time() - 60))
    want = {"active": True, "since": ["/etc/a.conf", "/etc/not-there"]}
    assert act(service(host, "a.service", **want)) == "started"
    assert service(host, "a.service", **want) == Finding("is as wanted")
    os.utime(tmp_path / "etc/a.conf", (time.time() + 1, time.time() + 1))
    finding = service(host, "a.service", **want)
    assert act(finding) == "restarted, /etc/a.conf changed since it started"
    os.utime(tmp_path / "etc/a.conf", (time.time() - 60, time.time() - 60))
    assert service(host, "a.service", **want) == Finding("is as wanted")


@pytest.mark.parametrize(
    ("verb", "unit", "told"),
    [
        ("reload", UNIT.replace("inactive", "active"), "systemctl reload a.service"),
        ("reload", UNIT, "a.service does not run, nothing to do"),
        ("reload", UNIT.replace("inactive", "failed"), "a.service does not run, nothing to do"),
        ("reload", "", "a.service is not found, nothing to do"),
        ("restart", UNIT, "systemctl restart a.service"),
        ("restart", "", "a.service is not found, nothing to do"),
    ],
)
def test_a_notification_with_nobody_to_reach_is_owed_no_more(
    host: Remembering, tmp_path: Path, verb: str, unit: str, told: str
) -> None:
    if unit:
        (tmp_path / "units/a.service").write_text(unit.format("a.service"))
    host.pending.add({f"a {verb}": ["systemctl", verb, "a.service"]}, "an earlier run")
    assert Run(host, {"check": False, "actions": {}, "resources": []}, KINDS).walk() == 0
    assert isinstance(host.wire, Listener)
    assert [(event["event"], event.get("why")) for event in host.wire.events] == [
        ("notified", told),
        ("done", None),
    ]
    assert (tmp_path / "reloads").exists() == (told == "systemctl reload a.service")
    assert not host.pending.all()


def test_a_user_goes_once(host: Remembering, tmp_path: Path) -> None:
    passwd = tmp_path / "etc/passwd"
    passwd.write_text("anna:x:1:1::/home/anna:/bin/sh\nberta:x:2:2::/:/bin/sh\n")
    for name, text in (("pkill", "exit 1"), ("userdel", f"sed -i /^anna:/d {passwd}")):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    assert act(look(host, "nouser", "anna")) == "removed, with the home"
    assert look(host, "nouser", "anna") == Finding("there is none")
    assert passwd.read_text().startswith("berta")


def test_a_program_goes_though_supervisor_does_not_answer(
    host: Remembering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_SOCKET", str(tmp_path / "none.sock"))
    want = {"running": False, "settles": ["supervisor update app", "supervisor restart app"]}
    host.pending.add({"supervisor update app": ["supervisorctl", "update", "app"]}, "its file")
    assert act(look(host, "program", "app", **want)) == "stopped and removed"
    assert not host.pending.all()
    assert host.ran == []
    assert look(host, "program", "app", **want) == Finding("is not supervisor's")


def program(**want: Any) -> dict[str, Any]:
    want = {"running": True, "directory": "/", "command": "/usr/bin/true", **want}
    return {"kind": "program", "name": "app", "want": want}


@pytest.mark.parametrize(
    ("brings", "directory", "command", "absent"),
    [
        ([], "/srv/app", "/usr/bin/app", "directory /srv/app"),
        ([("directory", "/srv/app", {})], "/srv/app", "/srv/app/run", "program /srv/app/run"),
        ([("directory", "/srv/app", {}), ("file", "/srv/app/run", {})], "/srv/app", "/srv/app/run", ""),
        ([("directory", "/srv/app/logs", {})], "/srv/app", "sh", ""),
        ([("git_working_copy", "/srv/app", {})], "/srv/app/deep", "/srv/app/run", ""),
        ([("virtualenv", "/srv/env", {})], "/", "/srv/env/bin/gunicorn", ""),
        ([("virtualenv", "/srv/env", {})], "/srv/env/app", "sh", "directory /srv/env/app"),
        ([("user", "anna", {"home": "/home/anna"})], "/home/anna", "sh", ""),
        ([("command", "make it", {})], "/anything", "/any/thing", ""),
    ],
)
def test_what_nothing_brings_is_named(
    host: Remembering, brings: list[Any], directory: str, command: str, absent: str
) -> None:
    plan = [{"kind": kind, "name": name, "want": want} for kind, name, want in brings]
    found = list(absences(host, [*plan, program(directory=directory, command=command)]))
    assert [why for _, why in found] == (
        [f"there is no {absent} on the host, and nothing in the plan brings it"] if absent else []
    )


def test_a_user_that_is_not_there_is_named(host: Remembering) -> None:
    with pytest.raises(ResourceError, match="there is no user nobody-here on this host"):
        host.run(["true"], user="nobody-here")
