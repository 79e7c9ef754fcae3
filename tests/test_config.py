"""blog.toml: every problem at once, each with its path, and the example is the reference."""

import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from blogops import config
from blogops.config.types import fields_of
from blogops.errors import UsageError

EXAMPLE = Path(__file__).parents[1] / "example/blog.toml"
GOOD = '[site]\ntitle = "T"\nurl = "https://blog.example.org"\nauthor = "A"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "blog.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        config.load(write(folder, text))
    return str(caught.value)


def sections() -> dict[str, Any]:
    return {name: kind for name, kind in fields_of(config.Config).items() if name != "path"}


def test_the_example_holds_every_key_and_no_other() -> None:
    told = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert set(told) == set(sections())
    for name, kind in sections().items():
        assert set(told[name]) == set(fields_of(kind)), name
    for name in ("atom", "rss", "json"):
        assert set(told["feeds"][name]) == set(fields_of(config.FeedPaths)), name
    config.load(EXAMPLE)


def test_every_key_of_the_example_is_commented() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for before, line in itertools.pairwise(lines):
        if re.match(r"\w+ = ", line):
            assert before.startswith("# "), line


# What the example sets for itself; it says so ("Required", "Default: ...") at these keys only.
ITS_OWN = {
    *("site.title", "site.url", "site.author", "site.description", "site.language", "site.timezone"),
    *("server.hosts", "server.domains"),
}


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    plain, shown = config.load(write(tmp_path, GOOD)), config.load(EXAMPLE)
    for name, kind in sections().items():
        for key in fields_of(kind):
            if f"{name}.{key}" not in ITS_OWN:
                mine, default = (getattr(getattr(each, name), key) for each in (shown, plain))
                assert mine == default, (name, key)


def test_a_table_in_a_table_keeps_the_defaults_beside_it(tmp_path: Path) -> None:
    feeds = config.load(write(tmp_path, GOOD + '[feeds.atom]\ntag = ""\n')).feeds
    assert (feeds.atom.tag, feeds.atom.all, feeds.rss.tag) == (
        "",
        "feeds/all.atom.xml",
        "feeds/tag/{slug}.rss.xml",
    )


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        '[site]\ntitel = "x"\nurl = "ftp:x"\nauthor = 3\ntimezone = "Europe/Pariss"\n'
        '[rebild]\n[server]\nhttp_port = true\nhosts = "a"\n[rebuild]\nat = "daily"\n',
    )
    assert "9 problems" in told
    for sentence in (
        'rebild: unknown key; did you mean "rebuild"?',
        'site.titel: unknown key; did you mean "site.title"?',
        "site.author: found 3; write a text in quotes",
        'site.title: missing; write title = "…"',
        "server.http_port: found true; write a whole number",
        'server.hosts: found "a"; write a list of texts',
        'site.url: "ftp:x" is not the address of a site; write one like "https://blog.example.org"',
        'site.timezone: "Europe/Pariss" is not a time zone; did you mean "Europe/Paris"?',
        'rebuild.at: "daily" is not a time of day',
    ):
        assert sentence in told


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ('language = "french"', 'site.language: "french"'),
        ("[lists]\nper_page = 0", "lists.per_page: 0 is too small"),
        ('[content]\npages = "pages"', 'content.pages: found "pages"; write a list of texts'),
        ('[urls]\npost = "{slug"', 'urls.post: "{slug" is not a pattern'),
        ('[urls]\npost = "../{slug}"', 'urls.post: "../{slug}" is not a pattern of an address'),
        ('[urls]\npost = "{slug}\\u0000"', "urls.post: "),
        ('[urls]\nindex = "."', 'urls.index: "." is not a pattern of an address'),
        ('[urls]\nindex = "{slug}.html"', "has a field that no such page has; known here: no field"),
        ('[urls]\nyear = "{slug}/"', "has a field that no such page has; known here: {date}"),
        ('[urls]\nday_save_as = "{0}/"', "has a field that no such page has; known here: {date}"),
        ('[urls]\nnumbered = "{name:d}"', 'urls.numbered: "{name:d}" cannot be filled: '),
        ('[metadata]\nfile_name = "("', 'metadata.file_name: "(" is not a regular expression'),
        ('[metadata]\nslug_rules = [["a"]]', "metadata.slug_rules: found"),
        ('[metadata]\nslug_rules = [["(", ""]]', 'metadata.slug_rules[0]: "(" is not a regular'),
        ("[metadata.defaults]\nstatus = 1", "write a table of texts"),
        ('[feeds]\natom = "x"', "write a [feeds.atom] table"),
        ('[feeds.atom]\nal = "x"', 'feeds.atom.al: unknown key; did you mean "feeds.atom.all"?'),
        ('[feeds]\nids = "x"', 'feeds.ids: "x" is unknown; write one of stable, pelican'),
        ('[build]\nerror = "no"', 'build.error: "no" is unknown; write one of stop, tell, ignore'),
        ("[build]\ncompress = 1", "build.compress: found 1; write true or false"),
        ('[theme]\naccent = "red"', 'theme.accent: "red" is not a colour'),
        ('[images]\nwidths = ["a"]', "write a list of whole numbers"),
        ('[content]\npath = "/etc"', 'content.path: "/etc" is not below the folder'),
        ('[content]\nstatic = ["a/../../b"]', 'content.static: "a/../../b" is not below the folder'),
        (
            '[content]\ngit = "ext::sh -c id"',
            'content.git: "ext::sh -c id" is not the address of a repository',
        ),
        ('[content]\ngit = "file:///srv/blog.git"', "is not the address of a repository"),
        ('[content]\ngit = "/srv/blog.git"', "is not the address of a repository"),
        ('[content]\ngit = "http://forge.example.org/b"', "is not the address of a repository"),
        ('[content]\ngit = "--upload-pack=id"', "is not the address of a repository"),
        ('[content]\ngit = "ssh://-oProxyCommand=id/b"', "is not the address of a repository"),
        ('[content]\ngit = "https://me:secret@forge.example.org/b"', "holds a user or a password"),
        ('[content]\ngit = "ssh://me:secret@forge.example.org/b"', "holds a user or a password"),
        ('[content]\nbranch = "--all"', 'content.branch: "--all" cannot be a branch'),
        ('[content]\nbranch = "a..b"', 'content.branch: "a..b" cannot be a branch'),
        ('[content]\ngit_host_keys = ["AAAA"]', 'content.git_host_keys: "AAAA" is not a line of known_hosts'),
        ('[content]\npath = "."', 'content.path: "." is not below the folder'),
        ('[server]\nname = "root"', 'server.name: "root"'),
        ('[server]\nname = "a b"', 'server.name: "a b"'),
        ('[server]\nhosts = ["a;b"]', 'server.hosts: "a;b" is not a host'),
        ('[server]\ndomains = ["a;b"]', 'server.domains: "a;b" is not a domain'),
        ("[server]\nservice_port = 70000", "server.service_port: 70000"),
        ("[releases]\nkeep = 1", "releases.keep: 1 is too small; write 2 or more"),
        ("[releases]\nshrink = -1", "releases.shrink: -1 is too small; write 0 or more"),
        ("[releases]\nshrink = 101", "releases.shrink: 101 is too much; write 100 or less"),
        ('[rebuild]\nat = "24:00"', 'rebuild.at: "24:00"'),
        ("[[server]]", "server: found"),
        ('[metadata]\nslug_rules = [["a", "\\\\9"]]', 'metadata.slug_rules[0]: "\\9" cannot stand'),
        (
            '[metadata]\ntag_rules = [["a", "\\\\g<x>"]]',
            "cannot stand for what was found: unknown group name",
        ),
        ('[content]\ngit = "https://[x/y"', 'content.git: "https://[x/y" is not the address of a repository'),
        ('[content]\ngit = "//me:secret@forge.example.org/b"', "holds a user or a password"),
        *(
            (f'[content]\n{key} = "a\\u0000"', f"content.{key}: ")
            for key in ("path", "templates", "extensions", "redirects", "headers")
        ),
        ('[content]\nstatic = ["a\\u0000"]', "content.static: "),
        ('[theme]\nlogo = "a\\u0000"', "theme.logo: no file is called so"),
        ('[alerts]\nping = "file:a\\u0000"', "alerts.ping: no secret belongs in here"),
    ],
)
def test_bad_values(tmp_path: Path, more: str, sentence: str) -> None:
    assert sentence in problems(tmp_path, GOOD + more)


def test_the_addresses_of_lists_may_have_their_fields(tmp_path: Path) -> None:
    lists = 'index = ""\nday = "{date:%Y}/{date:%-d}/"\nnumbered = "{base_name}/{number:03}/"\n'
    assert config.load(write(tmp_path, GOOD + f"[urls]\n{lists}")).urls.day == "{date:%Y}/{date:%-d}/"


@pytest.mark.parametrize(
    "address", ["https://[bad", "https://b.example.org:x", "https://b.example.org:70000", "https://a b", "b"]
)
def test_what_is_no_address_of_a_site_is_told(tmp_path: Path, address: str) -> None:
    told = problems(tmp_path, GOOD.replace("https://blog.example.org", address))
    assert f'site.url: "{address}" is not the address of a site' in told


@pytest.mark.parametrize(
    ("address", "by_ssh"),
    [
        ("https://forge.example.org/me/blog.git", False),
        ("https://forge.example.org:8443/me/blog", False),
        ("git@forge.example.org:me/blog.git", True),
        ("forge:blog", True),
        ("ssh://git@forge.example.org:2222/me/blog.git", True),
        ("ssh://forge.example.org/~me/blog.git", True),
    ],
)
def test_addresses_of_repositories(tmp_path: Path, address: str, by_ssh: bool) -> None:
    key = "[forge.example.org]:2222 ssh-ed25519 AAAAC3Nz"
    more = f'[content]\ngit = "{address}"\nbranch = "posts/next-1.0"\ngit_host_keys = ["{key}"]\n'
    told = config.load(write(tmp_path, GOOD + more)).content
    assert (told.git, told.branch, told.git_host_keys, told.by_ssh) == (
        address,
        "posts/next-1.0",
        (key,),
        by_ssh,
    )


def test_not_toml(tmp_path: Path) -> None:
    assert "not valid TOML" in problems(tmp_path, "[site\n")


def test_found_in_the_working_folder_by_flag_or_by_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(config.ENVIRONMENT, raising=False)
    with pytest.raises(UsageError, match=r"there is no blog\.toml"):
        config.find()
    path = write(tmp_path, GOOD)
    assert config.find() == path
    (tmp_path / "other").mkdir()
    other = write(tmp_path / "other", GOOD)
    assert config.find("other") == other
    monkeypatch.setenv(config.ENVIRONMENT, str(other))
    assert config.find() == other
    renamed = other.rename(other.with_name("site.toml"))
    with pytest.raises(UsageError, match=r"a blog's file is called blog\.toml"):
        config.find(str(renamed))
    renamed.rename(other)
    assert config.load(other).domains == ("blog.example.org",)
