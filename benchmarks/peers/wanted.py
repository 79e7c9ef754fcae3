"""What every tool has to bring about: so many resources, in the proportions of a small server."""

import json
import shlex
from dataclasses import asdict, dataclass

PACKAGES = ("bc", "less", "tree")
ROOT = "/srv/bench"
USER = "bencher"


@dataclass(frozen=True)
class File:
    path: str
    contents: str


@dataclass(frozen=True)
class Link:
    path: str
    target: str


@dataclass(frozen=True)
class Wanted:
    """One apt resource, one user, and the directories, files and links that make up the count."""

    count: int
    packages: tuple[str, ...]
    user: str
    directories: list[str]
    files: list[File]
    links: list[Link]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    def checks(self) -> list[str]:
        """Return lines of shell, each of which fails unless something wanted is so."""
        stat = "stat -c '%F %a %U'"
        checks = [f"id {self.user} >/dev/null", f"test -d /home/{self.user}"]
        checks += [f'test "$({stat} {path})" = "directory 755 root"' for path in self.directories]
        checks += [f'test "$({stat} {file.path})" = "regular file 644 root"' for file in self.files]
        checks += [f"printf %s {shlex.quote(file.contents)} | cmp - {file.path}" for file in self.files]
        checks += [f'test "$(readlink {link.path})" = {link.target}' for link in self.links]
        return [f"{check} || {{ echo {shlex.quote(check)}; exit 1; }}" for check in checks]


def resources(count: int) -> Wanted:
    """Return *count* resources: one of packages, one user; of the rest 5 in 18 directories, 1 in 9 links."""
    rest = count - 2
    links, directories = rest // 9, rest * 5 // 18
    return Wanted(
        count=count,
        packages=PACKAGES,
        user=USER,
        directories=[ROOT, *(f"{ROOT}/directory{n}" for n in range(1, directories))],
        files=[
            File(f"{ROOT}/{n}.conf", f"name = {n}\n" + "key = value\n" * 8)
            for n in range(rest - links - directories)
        ],
        links=[Link(f"{ROOT}/link{n}", f"{n}.conf") for n in range(links)],
    )
