"""What an engine could leave or meet: left there as the blog's user, one thing at a time."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from faults.striking import ROOT, newest

CURRENT, RELEASES, WORK = ROOT / "current", ROOT / "releases", ROOT / "work"
STAMP = "20990101T000000Z-0badc0de"


def _links_of_killed_switches() -> None:
    for number, target in enumerate((f"releases/{newest().name}", "releases/gone", ".", "current")):
        (ROOT / f".current.{number}").symlink_to(target)
    (ROOT / ".current.folder").mkdir()


def _a_link_among_the_releases() -> None:
    (RELEASES / "current").symlink_to(min(RELEASES.glob("0*")))


def _a_current_that_leads_nowhere() -> None:
    _lead("releases/000001-20200101T000000Z-00000000")


def _a_current_that_leads_out() -> None:
    _lead("/etc")


def _lead(target: str) -> None:
    CURRENT.unlink()
    CURRENT.symlink_to(target)


def _a_folder_in_the_place_of_current() -> None:
    CURRENT.unlink()
    CURRENT.mkdir()
    (CURRENT / "precious").write_text("mine\n")


def _a_file_in_the_place_of_current() -> None:
    CURRENT.unlink()
    CURRENT.write_text("mine\n")


def _half_a_release() -> None:
    public = RELEASES / f"{_next():06d}-{STAMP}" / "public"
    public.mkdir(parents=True)
    (public / "index.html").write_text("half")


def _a_release_whose_record_is_cut_off() -> None:
    made = _copied()
    (made / "release.json").chmod(0o644)
    (made / "release.json").write_text('{"id": "0000')


def _a_whole_release_that_no_ledger_knows() -> None:
    made = _copied()
    told = json.loads((made / "release.json").read_text())
    (made / "release.json").chmod(0o644)
    (made / "release.json").write_text(json.dumps(told | {"id": made.name}))


def _copied() -> Path:
    made = RELEASES / f"{_next():06d}-{STAMP}"
    shutil.copytree(newest(), made)
    made.chmod(0o755)
    return made


def _next() -> int:
    return int(newest().name[:6]) + 3


def _a_staging_that_cannot_be_written_to() -> None:
    _closed(WORK / "staging")


def _half_a_removal() -> None:
    _closed(WORK / "going/000001-20200101T000000Z-00000000")


def _closed(tree: Path) -> None:
    (tree / "public/deep").mkdir(parents=True)
    (tree / "public/deep/page.html").write_text("old")
    for folder in (tree / "public/deep", tree / "public", tree):
        folder.chmod(0o555)


def _a_lock_that_names_the_dead() -> None:
    told = {"task": "rebuild", "who": "nobody", "pid": 999999, "since": "2020-01-01T00:00:00Z"}
    (ROOT / "lock").write_text(json.dumps(told) + " " * 4000 + "\0rubbish")


def _files_of_strangers() -> None:
    (RELEASES / "lost+found").mkdir()
    (RELEASES / "000000").mkdir()
    (RELEASES / "20991231235959").mkdir()  # as Capistrano names its own
    (RELEASES / "999999").write_text("mine\n")
    (RELEASES / ".hidden").write_text("mine\n")


def _files_that_were_not_renamed() -> None:
    for folder in (ROOT, WORK):
        for name in ("assets.json", "manifest.json", "content.json"):
            (folder / f".{name}.0123456789ab").write_text("{")


def _half_a_build() -> None:
    (WORK / "built").unlink()
    for path in list((WORK / "site").glob("*.html"))[:5]:
        path.unlink()


def _notes_that_cannot_be_read() -> None:
    for path in (WORK / "manifest.json", WORK / "content.json", ROOT / "assets.json"):
        path.write_text('{"half": ')


LEFT: dict[str, Callable[[], None]] = {
    left.__name__.strip("_").replace("_", " "): left
    for left in (
        _links_of_killed_switches,
        _a_link_among_the_releases,
        _a_current_that_leads_nowhere,
        _a_current_that_leads_out,
        _half_a_release,
        _a_release_whose_record_is_cut_off,
        _a_whole_release_that_no_ledger_knows,
        _a_staging_that_cannot_be_written_to,
        _half_a_removal,
        _a_lock_that_names_the_dead,
        _files_of_strangers,
        _files_that_were_not_renamed,
        _half_a_build,
        _notes_that_cannot_be_read,
    )
}
IN_THE_WAY: dict[str, Callable[[], None]] = {
    "folder": _a_folder_in_the_place_of_current,
    "file": _a_file_in_the_place_of_current,
}
