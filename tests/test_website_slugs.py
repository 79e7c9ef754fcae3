"""Slugs and addresses, as Pelican makes them."""

import contextlib
import datetime as dt
import re
from urllib.parse import urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blogops.website import addresses
from blogops.website.addresses import BadPlace, filled, joined, place
from blogops.website.model import Place
from blogops.website.slugs import Slugs, same_name, stripped


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Élevage & chèvre : « L’œuvre » !", "elevage-chevre-loeuvre"),
        ("l'été -- 100 %", "lete-100"),
        ("100€", "100eur"),
        ("日本語", "ri-ben-yu"),
        ("a/b", "ab"),
        ("--foo--", "-foo-"),
        ("naïve_snake_case", "naive_snake_case"),
        ("C++", "c"),
        ("C#", "c"),
        (".NET", "net"),
        (
            "WeasyPrint ou comment générer des PDF sans souffrir",
            "weasyprint-ou-comment-generer-des-pdf-sans-souffrir",
        ),
        ("Retours sur PyconFR 2012", "retours-sur-pyconfr-2012"),
        ("Avant – après", "avant-apres"),
        ("ﬁne ligature", "fine-ligature"),
        ("  Straße\tnach\nÅrhus  ", "strasse-nach-arhus"),
        ("Привет, мир", "privet-mir"),
        ("++", ""),
        ("", ""),
    ],
)
def test_slugs_are_pelicans(text: str, slug: str) -> None:
    assert Slugs().of(text) == slug


@pytest.mark.parametrize(
    ("slugs", "text", "slug"),
    [
        (Slugs(keeps_unicode=True), "Été à Paris", "été-à-paris"),
        (Slugs(keeps_case=True), "Été à Paris", "Ete-a-Paris"),
        (Slugs(rules=((r"C\+\+", "cpp"), (r"[^\w\s-]", ""))), "C++", "cpp"),
        (Slugs(rules=((r"c#", "csharp"),)), "C#", "csharp"),
    ],
)
def test_slugs_follow_the_blogs_own_rules(slugs: Slugs, text: str, slug: str) -> None:
    assert slugs.of(text) == slug


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Python", "python", True),
        ("Conférences", "conferences", True),
        ("open source", "Open-Source", True),
        ("C++", "C#", False),
        ("C", "C++", False),
    ],
)
def test_names_that_differ_in_writing_only_are_the_same(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


@pytest.mark.parametrize(
    ("url", "save_as", "wanted"),
    [
        ("a.html", "", ("/a.html", "a.html")),
        ("2012/09/a/", "", ("/2012/09/a/", "2012/09/a/index.html")),
        ("a", "", ("/a", "a.html")),
        ("/a", "a/index.html", ("/a", "a/index.html")),
        ("index.html", "", ("/", "index.html")),
        ("", "index.html", ("/", "index.html")),
        ("été.html", "", ("/%C3%A9t%C3%A9.html", "été.html")),
        ("feeds/all.json", "", ("/feeds/all.json", "feeds/all.json")),
    ],
)
def test_an_address_tells_its_file(url: str, save_as: str, wanted: tuple[str, str]) -> None:
    made = place(url, save_as)
    assert (made.url, made.path) == wanted


@pytest.mark.parametrize("url", ["../a.html", "a/../../b.html", "a\x00.html", "a\\b.html", "..", "a/.."])
def test_an_address_stays_inside_the_site(url: str) -> None:
    with pytest.raises(BadPlace):
        place(url)


@pytest.mark.parametrize(
    ("text", "slug"), [("R&amp;D", "rd"), ("a <b>c</b> d", "a-c-d"), ("n° 5", "ndeg-5"), ("R&D", "rd")]
)
def test_a_name_may_hold_markup(text: str, slug: str) -> None:
    assert Slugs().of(stripped(text)) == slug


def test_a_pattern_writes_dates_and_names_what_it_lacks() -> None:
    date = dt.datetime(2012, 9, 7, tzinfo=dt.UTC)
    assert filled("{date:%Y}/{date:%b}/{date:%-d}/{slug}/", {"date": date, "slug": "a"}) == "2012/Sep/7/a/"
    assert filled("{date}", {"date": date}) == "2012-09-07 00:00:00+00:00"
    with pytest.raises(BadPlace, match=":topic:"):
        filled("{topic}", {})


@given(st.text(alphabet="aZ0_.-~/é%\n\\ ", max_size=10) | st.sampled_from(["index.html", "a/index.html"]))
def test_a_plain_address_is_what_a_closer_look_makes_of_it(url: str) -> None:
    def looked_at() -> Place | None:
        with contextlib.suppress(BadPlace):
            return place(url)
        return None

    soon = looked_at()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "_PLAIN", re.compile("(?!)"))
        assert looked_at() == soon


_SIGNS = st.text(alphabet="ab.-/:?#;@%é[]~ ", max_size=14)
_BASES = st.sampled_from(("https://blog.example/a/b.html", "http://blog.example", "/a/b.html", "/"))


@given(_BASES, st.one_of(_SIGNS, _SIGNS.map("https://".__add__), _SIGNS.map("/".__add__)))
@example("https://blog.example/a/", "/b/../c")
@example("https://blog.example/a/", "https://blog.example")
@example("/a/b.html", "//blog.example/c")
def test_a_link_leads_where_urljoin_says(base: str, address: str) -> None:
    try:
        wanted = urljoin(base, address)
        found = joined(base, address)
    except ValueError:
        return
    assert found == wanted


@pytest.mark.parametrize("address", ["https://blog.example:99999/", "http://[::1", "https://[a]/"])
def test_what_is_no_address_leads_nowhere(address: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)port|ipv6"):
        joined("/a/b.html", address)
