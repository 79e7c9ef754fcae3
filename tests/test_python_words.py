"""``require.python``: refusals, and the agent with real environments and wheels made by hand, offline."""

import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from looking import Remembering, act, snapshot

from blogops.agent import places
from blogops.agent.environments import Record, installed, project, read_record, satisfied
from blogops.agent.finding import Finding, ResourceError
from blogops.agent.host import Host
from blogops.agent.virtualenvs import look_python_packages, look_python_requirements, look_virtualenv
from blogops.errors import UsageError
from blogops.provision import Require

ENV = "/home/myuser/env"
BASE = str(Path(sys.executable).resolve())
ME = "root" if os.geteuid() == 0 else os.environ.get("USER", "")
AROUND = ["packages python3-venv", "user myuser", f"virtualenv {ENV}"]

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root acts for others")


def article(require: Require) -> None:
    with require.python.virtualenv(ENV):
        require.python.package("pyramid")


def nested(require: Require) -> None:
    with require.python.virtualenv(ENV):
        with require.python.virtualenv("/srv/env"):
            require.python.package("inner")
        require.python.package("outer")


@pytest.mark.parametrize(
    ("use", "titles"),
    [
        (article, [*AROUND, f"python_packages pyramid in {ENV}"]),
        (lambda r: r.python.virtualenv(ENV), AROUND),
        (
            lambda r: r.python.virtualenv("/srv/env"),
            ["packages python3-venv", "virtualenv /srv/env"],
        ),
        (
            lambda r: r.python.packages(["a", "b >= 1, < 2"], virtualenv=ENV),
            [*AROUND, f"python_packages a, b>=1,<2 in {ENV}"],
        ),
        (
            lambda r: (r.python.package("a", virtualenv=ENV), r.python.packages(["a", "b"], virtualenv=ENV)),
            [*AROUND, f"python_packages a in {ENV}", f"python_packages b in {ENV}"],
        ),
        (
            lambda r: r.python.package("a", url="https://git.example.org/a.whl", virtualenv=ENV),
            [*AROUND, f"python_packages a @ https://git.example.org/a.whl in {ENV}"],
        ),
        (
            lambda r: r.python.requirements("/srv/r.txt", virtualenv=ENV),
            [*AROUND, f"python_requirements /srv/r.txt in {ENV}"],
        ),
        (
            nested,
            [
                *AROUND,
                "virtualenv /srv/env",
                "python_packages inner in /srv/env",
                f"python_packages outer in {ENV}",
            ],
        ),
    ],
)
def test_words_bring_what_they_need(use: Callable[[Require], object], titles: list[str]) -> None:
    require = Require()
    use(require)
    assert [item.title for item in require.collector.plan().resources] == titles


def test_the_environment_may_be_required_after_what_goes_into_it() -> None:
    require = Require()
    require.python.package("a", virtualenv=ENV)
    require.python.virtualenv(ENV, system_site_packages=True)
    wants = {item.kind: item.want for item in require.collector.plan().resources}
    assert wants["virtualenv"]["system_site_packages"] is True


@pytest.mark.parametrize(
    ("directory", "user", "owner"),
    [
        (ENV, "", "myuser"),
        (ENV, "other", "other"),
        ("/srv/env", "", "root"),
        ("/srv/env", "myuser", "myuser"),
        ("/home/env", "", "root"),
    ],
)
def test_whose_an_environment_is(directory: str, user: str, owner: str) -> None:
    require = Require()
    environment = require.python.virtualenv(directory, user=user)
    package = require.python.package("a", virtualenv=directory)
    assert (environment.resource.want["user"], package.want["user"]) == (owner, owner)
    assert package.after == (environment.resource.title,)


def twice(require: Require) -> None:
    require.python.package("a==1", virtualenv=ENV)
    require.python.package("A==2", virtualenv=ENV)


def too_late(require: Require) -> None:
    require.python.package("a", virtualenv=ENV)
    require.python.virtualenv(ENV, user="other")


@pytest.mark.parametrize(
    ("use", "problem"),
    [
        (lambda r: r.python.package("pyramid"), "needs a virtual environment"),
        (lambda r: r.python.requirements("/srv/r.txt"), "needs a virtual environment"),
        (lambda r: r.python.packages("ab", virtualenv=ENV), "needs a list"),
        (lambda r: r.python.packages([], virtualenv=ENV), "needs a list"),
        (lambda r: r.python.package("a b", virtualenv=ENV), "not a requirement"),
        (lambda r: r.python.package("--user", virtualenv=ENV), "not a requirement"),
        (lambda r: r.python.package("a=1", virtualenv=ENV), "not a requirement"),
        (lambda r: r.python.package("a[", virtualenv=ENV), "not a requirement"),
        (lambda r: r.python.package("a\n-r /etc/x", virtualenv=ENV), "not a requirement"),
        (lambda r: r.python.package("a", url="/tmp/a", virtualenv=ENV), "not the address"),
        (lambda r: r.python.package("a", url="https://me:pw@x.example/a", virtualenv=ENV), "password"),
        (lambda r: r.python.package("a==1", url="https://x.example/a", virtualenv=ENV), "versions"),
        (lambda r: r.python.requirements("r.txt", virtualenv=ENV), "not an absolute path"),
        (lambda r: r.python.virtualenv("env"), "not an absolute path"),
        (lambda r: r.python.virtualenv("/"), "cannot be a virtual environment"),
        (lambda r: r.python.virtualenv("/home/My User/env"), "cannot be a user"),
        (twice, "is to have a==1 and A==2"),
        (too_late, "was taken to belong to myuser"),
    ],
)
def test_what_cannot_work_is_refused_with_the_line(use: Callable[[Require], object], problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        use(Require())
    assert caught.value.where.startswith(f"{__file__}:")


def test_after_the_block_no_environment_is_meant() -> None:
    require = Require()
    article(require)
    with pytest.raises(UsageError, match="PEP 668"):
        require.python.package("other")


@pytest.mark.parametrize(
    ("requirement", "version", "met"),
    [
        ("a", "1", True),
        ("a==1.2", "1.2.0", True),
        ("a==1.2", "1.3", False),
        ("a===v1.0", "1.0", True),
        ("a==1.*", "1.2", False),
        ("a>=1", "1.2", False),
        ("a[x]", "1.2", False),
        ("a>=0", "9", True),  # recorded with that version
        ("A.b_c", "1", False),
    ],
)
def test_what_files_can_tell(requirement: str, version: str, met: bool) -> None:
    record = Record(requirements={"a>=0": "9"})
    assert satisfied(requirement, {"a": version}, record) is met


def test_names_are_compared_as_pip_does() -> None:
    assert project("Foo._Bar[x]>=1") == "foo-bar"


def wheel(folder: Path, name: str, version: str, *needs: str) -> None:
    """Write a wheel with one module and its needs."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{name}.py": f"version = {version!r}\n",
        f"{info}/METADATA": metadata + "".join(f"Requires-Dist: {each}\n" for each in needs),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(file, text)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    wheel(folder, "tiny_thing", "1.0")
    wheel(folder, "tiny_thing", "2.0")
    wheel(folder, "modest", "1.0", "tiny_thing<2")
    return folder


def host_at(root: Path, wheels: Path) -> Remembering:
    host = Remembering(root)
    host.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    return host


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Path:
    """Return a root with an environment as the agent makes it; nobody changes it."""
    root = tmp_path_factory.mktemp("made")
    finding = look_env(host_at(root, wheels))
    assert finding.why == "created"
    assert finding.act
    finding.act()
    return root


@pytest.fixture
def host(made: Path, tmp_path: Path, wheels: Path) -> Remembering:
    """Return a host with a copy of that environment."""
    shutil.copytree(made, tmp_path / "root", symlinks=True)
    return host_at(tmp_path / "root", wheels)


def look_env(host: Host, **changes: object) -> Finding:
    want = {"user": ME, "system_site_packages": False, "venv_python": BASE, **changes}
    return look_virtualenv(host, "/srv/app/env", want)


def look_packages(host: Host, *names: str, beside: tuple[str, ...] = ()) -> Finding:
    want = {"virtualenv": "/srv/app/env", "user": ME, "requirements": list(names), "beside": list(beside)}
    return look_python_packages(host, "", want)


def look_file(host: Host, beside: tuple[str, ...] = ()) -> Finding:
    want = {"virtualenv": "/srv/app/env", "user": ME, "file": "/srv/app/r.txt", "beside": list(beside)}
    return look_python_requirements(host, "", want)


def env(host: Host) -> Path:
    return host.path("/srv/app/env")


def has(host: Host, name: str) -> str:
    return installed(env(host)).get(name, "")


def test_an_environment_is_made_once(host: Remembering) -> None:
    before = snapshot(host.root)
    finding = look_env(host)
    assert (finding.act, host.ran) == (None, [])
    assert finding.why.startswith("is whole, Python ")
    assert snapshot(host.root) == before
    assert [path.name for path in env(host).parent.iterdir()] == ["env"]


def test_packages_are_installed_once(host: Remembering) -> None:
    assert act(look_packages(host, "Tiny.Thing>=1,<2", "modest")) == "installed Tiny.Thing>=1,<2, modest"
    before, host.ran = snapshot(host.root), []
    finding = look_packages(host, "Tiny.Thing>=1,<2", "modest")
    assert (finding.why, finding.act, host.ran) == ("tiny-thing 1.0, modest 1.0", None, [])
    assert look_packages(host, "tiny_thing==1").act is None
    assert snapshot(host.root) == before
    record = read_record(env(host))
    assert record.requirements == {"Tiny.Thing>=1,<2": "1.0", "modest": "1.0"}


def test_another_version_is_brought(host: Remembering) -> None:
    act(look_packages(host, "tiny_thing==1.0"))
    act(look_packages(host, "tiny_thing==2.0"))
    assert has(host, "tiny-thing") == "2.0"
    assert read_record(env(host)).requirements == {"tiny_thing==2.0": "2.0"}


def test_a_later_package_may_lower_an_earlier_one_for_good(host: Remembering) -> None:
    act(look_packages(host, "tiny_thing>=1"))
    assert has(host, "tiny-thing") == "2.0"
    act(look_packages(host, "modest", beside=("tiny_thing>=1",)))
    assert has(host, "tiny-thing") == "1.0"
    assert look_packages(host, "tiny_thing>=1").act is None


def test_a_conflict_with_what_is_wanted_beside_is_an_error(host: Remembering) -> None:
    act(look_packages(host, "tiny_thing>=2"))
    with pytest.raises(ResourceError, match="tiny_thing"):
        act(look_packages(host, "modest", beside=("tiny_thing>=2",)))
    assert has(host, "tiny-thing") == "2.0"


def test_a_failing_pip_check_is_an_error_until_it_passes(host: Remembering) -> None:
    folder = next(env(host).glob("lib/python3*/site-packages")) / "needy-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: needy\nVersion: 1.0\nRequires-Dist: none-such\n"
    )
    for _ in range(2):
        with pytest.raises(ResourceError, match=r"needy 1\.0 requires none-such"):
            act(look_packages(host, "tiny_thing"))
    assert has(host, "tiny-thing") == "2.0"
    shutil.rmtree(folder)
    assert act(look_packages(host, "tiny_thing")).startswith("installed again")
    assert look_packages(host, "tiny_thing").act is None


def test_a_requirements_file_is_installed_when_it_changes(host: Remembering) -> None:
    file = host.path("/srv/app/r.txt")
    file.write_text("-r more.txt\n")
    more = file.with_name("more.txt")
    more.write_text("tiny_thing==1.0\n")
    assert act(look_file(host, beside=("modest",))) == "installed"
    before, host.ran = snapshot(host.root), []
    finding = look_file(host)
    assert (finding.why, finding.act, host.ran) == ("is installed as it stands", None, [])
    assert snapshot(host.root) == before
    more.write_text("tiny_thing==2.0\n")
    assert act(look_file(host)) == "installed again, the file changed"
    assert has(host, "tiny-thing") == "2.0"


def test_a_missing_requirements_file_is_said(host: Remembering) -> None:
    with pytest.raises(ResourceError, match=r"there is no file /srv/app/r\.txt on this host"):
        look_file(host)


def test_packages_need_their_environment(tmp_path: Path, wheels: Path) -> None:
    finding = look_packages(host_at(tmp_path, wheels), "tiny_thing")
    with pytest.raises(ResourceError, match="no virtual environment at /srv/app/env"):
        act(finding)


def other_python(path: Path) -> None:
    config = path / "pyvenv.cfg"
    config.write_text(config.read_text().replace("version = 3.", "version = 2."))
    found = next(path.glob("lib/python3*"))
    found.rename(found.with_name(found.name.replace("python3", "python2")))


def no_python(path: Path) -> None:
    for name in path.glob("bin/python*"):
        name.unlink()


def no_pip(path: Path) -> None:
    shutil.rmtree(next(path.glob("lib/python3*/site-packages/pip-*.dist-info")))


def cut_off(path: Path) -> None:
    path.rename(path.with_name(".env.blogops-old"))
    shutil.copytree(path.with_name(".env.blogops-old"), path, symlinks=True)
    shutil.rmtree(path / "lib")


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (other_python, "it is for Python 2."),
        (no_python, "its Python is gone"),
        (no_pip, "it has no pip"),
        (cut_off, "it was being made anew when the run was cut off"),
    ],
)
def test_a_broken_environment_is_made_anew_with_its_packages(
    host: Remembering, break_it: Callable[[Path], None], why: str
) -> None:
    act(look_packages(host, "tiny_thing==1.0"))
    break_it(env(host))
    assert act(look_env(host)).startswith(f"made anew: {why}")
    assert has(host, "tiny-thing") == "1.0"
    assert look_env(host).act is None
    assert look_packages(host, "tiny_thing==1.0").act is None
    assert [path.name for path in env(host).parent.iterdir()] == ["env"]


def test_the_old_environment_comes_back_where_no_new_one_can_be_made(host: Remembering) -> None:
    act(look_packages(host, "tiny_thing==1.0"))
    no_pip(env(host))
    before = snapshot(env(host))
    with pytest.raises(ResourceError, match="-m venv"):
        act(look_env(host, venv_python="/bin/false"))
    shutil.rmtree(env(host) / "nothing", ignore_errors=True)
    assert snapshot(env(host)) == before
    host.environment["PIP_FIND_LINKS"] = "/nowhere"
    with pytest.raises(ResourceError, match="The old environment is back"):
        act(look_env(host))
    assert snapshot(env(host)) == before


def test_a_failed_first_making_leaves_nothing(tmp_path: Path, wheels: Path) -> None:
    host = host_at(tmp_path, wheels)
    with pytest.raises(ResourceError, match="-m venv"):
        act(look_env(host, venv_python="/bin/false"))
    assert not env(host).exists()


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_environment_stays(tmp_path: Path, wheels: Path, kind: str) -> None:
    host = host_at(tmp_path, wheels)
    env(host).parent.mkdir(parents=True)
    if kind == "file":
        env(host).write_text("precious")
    elif kind == "link":
        env(host).symlink_to("/etc")
    else:
        (env(host) / "deep/er").mkdir(parents=True)
        (env(host) / "deep/er/precious").touch()
    before = snapshot(tmp_path)
    with pytest.raises(ResourceError, match="is not a virtual environment; move it away"):
        look_env(host)
    assert snapshot(tmp_path) == before


@root_only
def test_one_of_somebody_else_is_left_alone(host: Remembering) -> None:
    with pytest.raises(ResourceError, match='belongs to root, not to www-data; say user="root"'):
        look_env(host, user="www-data")


@pytest.fixture
def roots() -> Iterator[Path]:
    """Return a folder in which only root may write, with one of www-data's in it."""
    folder = Path(tempfile.mkdtemp(prefix="blogops-test-", dir="/run"))
    folder.chmod(0o755)
    (folder / "theirs").mkdir()
    shutil.chown(folder / "theirs", "www-data")
    yield folder
    shutil.rmtree(folder)


@root_only
def test_a_folder_in_roots_is_given_to_its_user(roots: Path) -> None:
    host = Remembering()
    places.make(host, roots / "app/env", "www-data")
    assert [(roots / each).owner() for each in ("app", "app/env")] == ["www-data"] * 2
    places.move(host, roots / "app", roots / "old", "www-data")
    places.remove(host, roots / "old", "www-data")
    assert [path.name for path in roots.iterdir()] == ["theirs"]


@root_only
def test_root_follows_no_link_of_a_user(roots: Path) -> None:
    host = Remembering()
    (roots / "kept").mkdir()
    link = roots / "theirs/link"
    link.symlink_to(roots)
    os.chown(link, roots.joinpath("theirs").stat().st_uid, -1, follow_symlinks=False)
    uses: list[Callable[[], None]] = [
        lambda: places.make(host, link / "app/env", "www-data"),
        lambda: places.remove(host, link / "kept", "www-data"),
        lambda: places.move(host, link / "kept", link / "moved", "www-data"),
        lambda: places.write_text(host, link / "file", "text", "www-data"),
    ]
    for use in uses:
        with pytest.raises(ResourceError, match="ermission denied"):
            use()
    assert sorted(path.name for path in roots.iterdir()) == ["kept", "theirs"]


@root_only
def test_a_users_pipe_or_link_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert [places.read_text(tmp_path / name) for name in ("pipe", "link", "none")] == [None] * 3


def test_the_plan_says_what_the_look_reads() -> None:
    require = Require()
    article(require)
    items = json.loads(require.collector.plan().to_json())["resources"]
    wants = {item["kind"]: item["want"] for item in items}
    assert wants["virtualenv"] == {
        "user": "myuser",
        "system_site_packages": False,
        "venv_python": "/usr/bin/python3",
    }
    assert wants["python_packages"] == {
        "virtualenv": ENV,
        "user": "myuser",
        "requirements": ["pyramid"],
        "beside": [],
    }
