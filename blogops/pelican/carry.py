"""Pelican's settings, one by one, as the keys of blog.toml; https://docs.getpelican.com/en/latest/settings.html"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from blogops.pelican import addresses, content
from blogops.pelican.legacy import DEFAULT_RULES
from blogops.pelican.model import Draft
from blogops.pelican.reading import Settings

_NO_ADDRESS = "https://blog.example.org"
# What is carried as it is: the setting, the table, the key, its type.
_AS_IT_IS: tuple[tuple[str, str, str, type], ...] = (
    ("DEFAULT_CATEGORY", "metadata", "category", str),
    ("USE_FOLDER_AS_CATEGORY", "metadata", "folder_category", bool),
    ("FILENAME_METADATA", "metadata", "file_name", str),
    ("PATH_METADATA", "metadata", "file_path", str),
    ("SLUGIFY_SOURCE", "metadata", "slug_from", str),
    ("SLUGIFY_USE_UNICODE", "metadata", "slug_unicode", bool),
    ("SLUGIFY_PRESERVE_CASE", "metadata", "slug_keep_case", bool),
    ("DEFAULT_ORPHANS", "lists", "orphans", int),
    ("ARTICLE_ORDER_BY", "lists", "order", str),
    ("PAGE_ORDER_BY", "lists", "page_order", str),
    ("SUMMARY_END_SUFFIX", "lists", "summary_end", str),
)
_RULES = {"SLUG": "slug_rules", "TAG": "tag_rules", "CATEGORY": "category_rules", "AUTHOR": "author_rules"}
_LISTS = ("index", "tag", "category", "author")


def carried(found: Settings) -> Draft:
    """Return the blog.toml that *found* makes, complete, with what equals blogops' defaults too."""
    draft = Draft(found)
    _site(draft)
    content.carry(draft)
    _metadata(draft)
    addresses.carry(draft)
    _lists(draft)
    _theme(draft)
    options = draft.get("PYGMENTS_RST_OPTIONS")
    if isinstance(options, dict) and options:
        code = {str(key): "" if value is True else str(value) for key, value in options.items()}
        draft.put("build", "code", code, "PYGMENTS_RST_OPTIONS")
    return draft


def _site(draft: Draft) -> None:
    draft.put("site", "title", _text(draft.get("SITENAME")) or "A Pelican Blog", "SITENAME")
    _address(draft)
    _author(draft)
    for setting in ("SITEDESCRIPTION", "SITE_DESCRIPTION", "SITESUBTITLE", "TAGLINE"):
        text = _text(draft.get(setting))
        if text and ("site", "description") not in draft.lines:
            draft.put("site", "description", re.sub(r"<[^>]*>", "", text), setting)
    _language(draft)
    draft.put("site", "timezone", _text(draft.get("TIMEZONE")) or "UTC", "TIMEZONE")
    typography = bool(draft.get("TYPOGRIFY", False))
    draft.put("site", "typography", typography, "TYPOGRIFY")
    profiles = [url for _, url in _pairs(draft.get("SOCIAL")) if re.match(r"https?://[^/]", url)]
    if profiles:
        draft.put("site", "profiles", list(dict.fromkeys(profiles)), "SOCIAL")


def _address(draft: Draft) -> None:
    given = _text(draft.get("SITEURL")).rstrip("/")
    if given and "//" not in given:
        given = f"https://{given}"
    given = f"https:{given}" if given.startswith("//") else given
    url = urlsplit(given)
    if url.hostname in (None, "localhost", "127.0.0.1", "0.0.0.0") or url.scheme not in ("http", "https"):  # noqa: S104
        draft.note("site", "url", _NO_ADDRESS, "SITEURL is empty: write the address readers type here")
        draft.leave("SITEURL", "empty, or not an address: write yours as site.url")
        return
    draft.put("site", "url", f"{url.scheme}://{url.netloc}", "SITEURL")
    if url.path.strip("/"):
        why = f'blogops serves a site at its root: addresses lose their first "{url.path}"'
        draft.leave("SITEURL", f"{why}; a line in `redirects` keeps old links alive")


def _author(draft: Draft) -> None:
    author, several = draft.get("AUTHOR"), draft.get("AUTHORS")
    if isinstance(author, str) and author.strip():
        draft.put("site", "author", author, "AUTHOR")
    elif isinstance(several, (list, tuple)) and several and isinstance(several[0], str):
        draft.put("site", "author", several[0], "AUTHORS")
    else:
        title = draft.lines["site", "title"].value
        draft.note("site", "author", title, "AUTHOR is not given: write who signs the posts that name nobody")


def _language(draft: Draft) -> None:
    given = (_text(draft.get("DEFAULT_LANG")) or "en").replace("_", "-")
    first, _, second = given.partition("-")
    language = f"{first.lower()}-{second.upper()}" if second else first.lower()
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", language):
        draft.leave("DEFAULT_LANG", f'"{given}" is not a language code; "en" stands in blog.toml')
        language = "en"
    draft.put("site", "language", language, "DEFAULT_LANG")


def _metadata(draft: Draft) -> None:
    for setting, table, key, kind in _AS_IT_IS:
        value = draft.get(setting)
        if type(value) is kind or (kind is bool and isinstance(value, int)):
            draft.put(table, key, kind(value), setting)
        elif value is not None:
            draft.leave(setting, f"{value!r} is not what blogops takes for {table}.{key}")
    _date(draft)
    for name, key in _RULES.items():
        setting = f"{name}_REGEX_SUBSTITUTIONS"
        rules = [tuple(rule) for rule in draft.items(setting) if isinstance(rule, (list, tuple))]
        texts = all(len(rule) >= 2 and all(isinstance(part, str) for part in rule[:2]) for rule in rules)
        if not texts:
            draft.leave(setting, "not pairs of an expression and its replacement")
        elif rules and (name != "SLUG" or tuple(rules) != DEFAULT_RULES):
            draft.put("metadata", key, [list(rule[:2]) for rule in rules], setting)
    defaults = _texts(draft, "DEFAULT_METADATA")
    if defaults:
        draft.put("metadata", "defaults", defaults, "DEFAULT_METADATA")


def _date(draft: Draft) -> None:
    given = draft.get("DEFAULT_DATE")
    if given == "fs":
        draft.leave(
            "DEFAULT_DATE", '"fs": the date of a file is another on each machine; write :date: in each'
        )
    elif isinstance(given, str) and given:
        draft.put("metadata", "date", given, "DEFAULT_DATE")
    elif isinstance(given, (list, tuple)):
        try:
            moment = dt.datetime(*given)
        except (TypeError, ValueError):
            draft.leave("DEFAULT_DATE", f"{given!r} is not a date")
            return
        draft.put("metadata", "date", moment.isoformat(" ", "minutes"), "DEFAULT_DATE")


def _texts(draft: Draft, setting: str) -> dict[str, str]:
    """Return a dictionary of texts; what is none is left, by its name."""
    given = draft.get(setting)
    pairs = given.items() if isinstance(given, dict) else given if isinstance(given, (list, tuple)) else ()
    found: dict[str, str] = {}
    for pair in pairs:
        key, value = pair if isinstance(pair, (list, tuple)) and len(pair) == 2 else (pair, None)
        if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            value = "; ".join([*value, ""]) if len(value) > 1 else "".join(value)
        if isinstance(value, (str, int)):
            found[str(key).lower()] = str(value)
        else:
            draft.leave(setting, f"{key!r}: a text is wanted")
    return found


def _lists(draft: Draft) -> None:
    size = draft.get("DEFAULT_PAGINATION", False)
    templates = draft.get("PAGINATED_TEMPLATES") or dict.fromkeys(_LISTS)
    if isinstance(size, int) and size and isinstance(templates, dict):
        draft.put("lists", "per_page", int(size), "DEFAULT_PAGINATION")
        names = [name for name in _LISTS if name in templates]
        draft.put("lists", "paginated", names, "PAGINATED_TEMPLATES")
        _other_lists(draft, templates)
    else:
        draft.put("lists", "paginated", [], "DEFAULT_PAGINATION")
    _summaries(draft)


def _other_lists(draft: Draft, templates: dict[Any, Any]) -> None:
    others = [str(name) for name in templates if name not in _LISTS]
    if others:
        draft.leave("PAGINATED_TEMPLATES", f"{', '.join(others)}: stands on one page with blogops")
    if any(templates.values()):
        draft.leave("PAGINATED_TEMPLATES", "sizes of their own: lists.per_page is for all lists")


def _summaries(draft: Draft) -> None:
    words = draft.get("SUMMARY_MAX_LENGTH", 50)
    if words == 0:
        draft.leave("SUMMARY_MAX_LENGTH", "0: blogops always shows a summary; 0 is the whole text")
    elif words is None or isinstance(words, int):
        draft.put("lists", "summary_words", words or 0, "SUMMARY_MAX_LENGTH")
    paragraphs = draft.get("SUMMARY_MAX_PARAGRAPHS")
    if isinstance(paragraphs, int) and paragraphs:
        draft.put("lists", "summary_paragraphs", paragraphs, "SUMMARY_MAX_PARAGRAPHS")


def _theme(draft: Draft) -> None:
    menu: dict[str, str] = {}
    for setting in ("MENUITEMS", "LINKS"):
        known = {name: url for name, url in _pairs(draft.get(setting)) if _leads_somewhere(url)}
        menu |= {name: url for name, url in known.items() if name not in menu}
    if menu:
        draft.put("theme", "menu", menu, "MENUITEMS", "LINKS")


def _leads_somewhere(url: str) -> bool:
    # pelican-quickstart leaves links to Pelican's own friends and to "#" behind.
    return url != "#" and not re.search(
        r"getpelican\.com|//(www\.)?python\.org/?$|jinja\.p|palletsprojects", url
    )


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the names and addresses of a menu, in any of the forms that themes take."""
    items = value.items() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    for item in items:
        if isinstance(item, (list, tuple)) and len(item) >= 2:
            name, url = item[0], item[1]
            if isinstance(name, str) and isinstance(url, str):
                yield name, url


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
