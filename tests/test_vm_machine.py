"""Names, records, ports, locks and processes: what needs no VM to be tested."""

import multiprocessing
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from blogops import vm
from blogops.errors import Busy, Failed, Refused, UsageError
from blogops.vm import groups, identity, lifecycle, lock, ports, processes, roots, store, tools
from blogops.vm.machine import Machine, check_debian, check_name, folder, label


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "blogops"


def a_machine(name: str = "demo", ssh: int = 2222, http: int = 8080) -> Machine:
    place = folder(name)
    return Machine(name, 13, "nspawn", ssh, http, place / "ssh_config", place)


@pytest.mark.parametrize("name", ["a", "demo", "blog-2", "a" * 16])
def test_good_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "A", "2b", "-a", "a-", "a.b", "a/b", "../x", "a" * 17, "a\n", "é"])
def test_bad_names_are_usage_errors(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        check_name(name)


def test_debian_is_12_or_13() -> None:
    assert [check_debian("12"), check_debian(13)] == [12, 13]
    for version in ("11", 14, "trixie", ""):
        with pytest.raises(UsageError, match="use 12"):
            check_debian(version)


def test_a_record_comes_back_as_it_went(cache: Path) -> None:
    machine = a_machine()
    store.write(store.Record(machine))
    assert store.read("demo") == store.Record(machine, ready=False)
    assert vm.machines() == []

    store.finished(machine)
    assert vm.get("demo") == machine
    assert vm.machines() == [machine]
    assert machine.folder == cache / "vm" / "demo"
    assert machine.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"ready": true, "name": "demo"}'])
def test_a_record_that_cannot_be_read_is_none(text: str) -> None:
    folder("demo").mkdir(parents=True)
    (folder("demo") / "machine.json").write_text(text)
    assert store.read("demo") is None
    assert vm.machines() == []


def test_an_unknown_machine_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(Refused, match=r"fab vm.up --name demo"):
        vm.get("demo")
    store.finished(a_machine("other"))
    with pytest.raises(Refused, match="there is other"):
        vm.get("demo")


def test_ports_are_free_and_not_promised_to_another_machine() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ssh, http = ports.free()
        assert taken.getsockname()[1] not in (ssh, http)
    store.write(store.Record(a_machine(ssh=ssh, http=http)))
    assert not {ssh, http} & set(ports.free())


def test_two_caches_have_two_labels() -> None:
    one, two = label(Path("/a/demo")), label(Path("/b/demo"))
    assert one != two
    assert one.startswith("blogops-demo-")


def _hold(path: str, ready: Event) -> None:
    with lock.held(Path(path), what="x"):
        ready.set()
        time.sleep(0.6)


def test_a_lock_is_waited_for_and_then_given_up(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ready = multiprocessing.get_context("spawn").Event()
    path = cache / "a.lock"
    other = multiprocessing.get_context("spawn").Process(target=_hold, args=(str(path), ready))
    other.start()
    assert ready.wait(20)
    with pytest.raises(Busy, match='working on "demo"'), lock.held(path, timeout=0, what='"demo"'):
        pass
    with lock.held(path, timeout=20, what='"demo"'):
        assert "waiting for another command" in capsys.readouterr().out
    other.join()
    assert not path.exists()


def test_a_helper_that_outlives_us_keeps_the_lock(cache: Path) -> None:
    path = cache / "a.lock"
    script = (
        "import os, subprocess, sys; from pathlib import Path; from blogops.vm import lock\n"
        "with lock.held(Path(sys.argv[1]), what='x') as held:\n"
        "    subprocess.Popen(['sleep', '1'], pass_fds=[held]); os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    with pytest.raises(Busy), lock.held(path, timeout=0, what="x"):
        pass
    with lock.held(path, timeout=20, what="x"):
        pass


def test_missing_tools_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tools, "search_path", lambda: str(tmp_path))
    with pytest.raises(Failed, match="lacks ip, pasta") as raised:
        tools.need("ip", "pasta")
    assert raised.value.hint == "install with: sudo apt install iproute2 passt"


def test_every_tool_has_a_package() -> None:
    for backend in lifecycle.BACKENDS.values():
        assert set(backend.TOOLS) <= set(tools.PACKAGES)


def test_a_plain_user_becomes_root_of_their_own_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(tools, "has", lambda tool: tool != "newuidmap")
    with pytest.raises(Failed, match="apt install uidmap"):
        tools.as_root()


def test_a_program_that_fails_shows_its_last_lines() -> None:
    with pytest.raises(Failed, match="sh failed with status 3") as raised:
        tools.run(["sh", "-c", "seq 100; exit 3"], timeout=10)
    assert raised.value.hint.endswith("100")


def test_a_program_that_hangs_is_ended_with_its_children() -> None:
    with pytest.raises(Failed, match="did not end within"):
        tools.run(["sh", "-c", "sleep 61.7531 & sleep 61.7531"], timeout=0.3)
    lines = subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True).stdout
    assert "sleep 61.7531" not in lines.splitlines()


def test_only_our_helpers_are_ended(tmp_path: Path) -> None:
    place = tmp_path / "demo"
    ours = ["sh", "-c", "sleep 30; :", f"--machine={label(place)}"]
    tail = ["tail", "-f", "/dev/null", f"--pid={os.getpid()}"]
    with subprocess.Popen(ours) as one, subprocess.Popen(tail) as other:
        deadline = time.monotonic() + 5
        while processes.helpers(place) != [one.pid] and time.monotonic() < deadline:
            time.sleep(0.01)
        processes.end(place)
        assert one.wait(5) == -9
        assert other.poll() is None
        other.kill()


def test_the_ssh_config_is_strict_about_the_planted_key() -> None:
    machine = a_machine()
    store.write(store.Record(machine))
    identity.make(machine)

    text = machine.ssh_config.read_text()
    assert "StrictHostKeyChecking yes" in text
    assert f'UserKnownHostsFile "{machine.folder}/known_hosts"' in text
    host = (machine.folder / "host_key.pub").read_text()
    assert (machine.folder / "known_hosts").read_text() == f"[127.0.0.1]:2222 {host}"
    planted = {file.path: file for file in identity.planted(machine, "192.0.2.1")}
    assert planted["/etc/ssh/ssh_host_ed25519_key.pub"].text == host
    assert planted["/etc/ssh/ssh_host_ed25519_key"].mode == 0o600
    assert planted["/etc/hostname"].text == "demo\n"


def test_a_root_has_another_name_when_its_recipe_changes() -> None:
    one, two = roots.cached("trixie-tree", ["a"]), roots.cached("trixie-tree", ["b"])
    assert one != two
    two.mkdir(parents=True)
    half = two.with_name(f".{two.name}.half")
    half.mkdir()
    kept = two.with_name("trixie-disk-00000000")
    kept.mkdir()
    roots.forget(one)
    assert (two.exists(), half.exists(), kept.exists()) == (False, False, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_removing_a_tree_never_enters_a_mount(tmp_path: Path) -> None:
    kept, tree = tmp_path / "kept", tmp_path / "a tree"
    (tree / "dev").mkdir(parents=True)
    kept.mkdir()
    (kept / "file").touch()
    subprocess.run(["mount", "--bind", str(kept), str(tree / "dev")], check=True)

    tools.remove_tree(tree)

    assert (kept / "file").exists()
    assert not tree.exists()


def test_control_groups_wrap_nspawn_only_without_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "host_has_systemd", lambda: True)
    assert groups.inside("blogops-a", ["x", "y"]) == ["x", "y"]
    monkeypatch.setattr(groups, "host_has_systemd", lambda: False)
    assert groups.inside("blogops-a", ["x", "y"])[-2:] == ["x", "y"]


def test_an_unknown_backend_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="use nspawn or qemu"):
        vm.up("demo", backend="docker")


def test_nspawn_without_root_says_what_else_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Failed, match="backend qemu"):
        vm.up("demo", backend="nspawn")
    assert not folder("demo").exists()


def test_down_of_nothing_is_false_and_leaves_nothing(cache: Path) -> None:
    assert vm.down("demo") is False
    assert list((cache / "vm").iterdir()) == []


def test_a_machine_that_dies_while_booting_shows_its_console(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = replace(a_machine(), backend="qemu")
    machine.folder.mkdir(parents=True)
    machine.console.write_text("one\nKernel panic\n")
    with pytest.raises(Failed, match=r"(?s)demo stopped while booting.*Kernel panic"):
        lifecycle._check(machine, time.monotonic() + 60)
