"""Pelican's ``*_URL`` and ``*_SAVE_AS``, feeds and pagination, as the patterns of blog.toml."""

import posixpath
from typing import Any

from blogops.pelican.model import Draft

# Of each kind: the key of [urls], and what Pelican takes where nothing is given.
_KINDS = (
    ("post", "ARTICLE", "{slug}.html"),
    ("post_lang", "ARTICLE_LANG", "{slug}-{lang}.html"),
    ("page", "PAGE", "pages/{slug}.html"),
    ("page_lang", "PAGE_LANG", "pages/{slug}-{lang}.html"),
    ("category", "CATEGORY", "category/{slug}.html"),
    ("tag", "TAG", "tag/{slug}.html"),
    ("author", "AUTHOR", "author/{slug}.html"),
)
_DIRECT = ("index", "archives", "categories", "tags", "authors")
_FEEDS = {
    "all": "FEED_ALL",
    "posts": "FEED",
    "category": "CATEGORY_FEED",
    "tag": "TAG_FEED",
    "author": "AUTHOR_FEED",
    "language": "TRANSLATION_FEED",
}
_FEED_DEFAULTS = {
    "FEED_ALL_ATOM": "feeds/all.atom.xml",
    "CATEGORY_FEED_ATOM": "feeds/{slug}.atom.xml",
    "AUTHOR_FEED_ATOM": "feeds/{slug}.atom.xml",
    "AUTHOR_FEED_RSS": "feeds/{slug}.rss.xml",
    "TRANSLATION_FEED_ATOM": "feeds/all-{lang}.atom.xml",
}


def carry(draft: Draft) -> None:
    """Carry the addresses over."""
    for key, kind, default in _KINDS:
        _pattern(draft, key, f"{kind}_URL", f"{kind}_SAVE_AS", default)
    for span in ("year", "month", "day"):
        _period(draft, span)
    _direct(draft)
    _numbered(draft)
    _feeds(draft)


def _pattern(draft: Draft, key: str, url: str, save_as: str, default: str) -> None:
    address, file = (_text(draft.get(name, default)) for name in (url, save_as))
    if not file:
        draft.put("urls", key, "", save_as)
        return
    address = address.lstrip("/") or file
    draft.put("urls", key, address, url, *([save_as] if draft.has(save_as) else []))
    if file_of(address) != file:
        draft.put("urls", f"{key}_save_as", file, save_as)


def _period(draft: Draft, span: str) -> None:
    url, save_as = f"{span.upper()}_ARCHIVE_URL", f"{span.upper()}_ARCHIVE_SAVE_AS"
    file = _text(draft.get(save_as))
    if not file:
        draft.has(url)
        reason = f"{save_as}: Pelican made no archives by {span}; without this line blogops does"
        draft.note("urls", span, "", reason)
        return
    address = _text(draft.get(url)).lstrip("/") or file.removesuffix("index.html")
    draft.put("urls", span, address, save_as)
    if file_of(address) != file:
        draft.put("urls", f"{span}_save_as", file, save_as)


def _direct(draft: Draft) -> None:
    wanted = [str(name) for name in draft.items("DIRECT_TEMPLATES")]
    if not draft.has("DIRECT_TEMPLATES"):
        wanted = list(_DIRECT)
    for name in _DIRECT:
        setting = f"{name.upper()}_SAVE_AS"
        draft.has(f"{name.upper()}_URL")
        file = _text(draft.get(setting, f"{name}.html"))
        if name not in wanted:
            draft.put("urls", name, "", "DIRECT_TEMPLATES")
        elif name != "index" and posixpath.basename(file) == "index.html":
            draft.put("urls", name, file.removesuffix("index.html"), setting)
        else:
            draft.put("urls", name, file, setting)
    for other in (name for name in wanted if name not in _DIRECT):
        where = draft.found.where.get("DIRECT_TEMPLATES", "")
        draft.has(f"{other.upper()}_SAVE_AS")
        draft.found.where.setdefault(f'DIRECT_TEMPLATES "{other}"', where)
        draft.leave(f'DIRECT_TEMPLATES "{other}"', _direct_advice(other))


def _direct_advice(name: str) -> str:
    if name in ("404", "error", "sitemap", "robots"):
        return "blogops makes that page itself"
    return "a page of your theme; write it as a page, or with the `pages` hook of an extension"


def _numbered(draft: Draft) -> None:
    for rule in draft.items("PAGINATION_PATTERNS"):
        least, url, save_as = rule if isinstance(rule, (list, tuple)) and len(rule) == 3 else (None,) * 3
        if not isinstance(url, str) or not isinstance(save_as, str):
            draft.leave("PAGINATION_PATTERNS", "not (number, url, save_as)")
        elif least == 1:
            _first_page(draft, url, save_as)
        elif least == 2 and file_of(url.lstrip("/")) == posixpath.normpath(save_as.lstrip("/")):
            draft.put("urls", "numbered", url.lstrip("/"), "PAGINATION_PATTERNS")
        else:
            draft.leave("PAGINATION_PATTERNS", f"({least}, …): blogops has one pattern, urls.numbered")


def _first_page(draft: Draft, url: str, save_as: str) -> None:
    """Tell of a first page that is elsewhere than its list: with index.html in its name it is not."""
    if save_as in ("{save_as}", "{name}{extension}"):
        return
    for key in ("category", "tag", "author"):
        line = draft.lines.get(("urls", key))
        if save_as == "{base_name}/index.html" and line and line.value.endswith(".html"):
            draft.put("urls", key, line.value.removesuffix(".html") + "/", "PAGINATION_PATTERNS")
    if save_as != "{base_name}/index.html":
        draft.leave("PAGINATION_PATTERNS", f"(1, {url!r}, …): a list begins at its own address")


def _feeds(draft: Draft) -> None:
    for form in ("atom", "rss"):
        for key, name in _FEEDS.items():
            setting = f"{name}_{form.upper()}"
            draft.has(f"{setting}_URL")
            path = _text(draft.get(setting, _FEED_DEFAULTS.get(setting)))
            draft.put(f"feeds.{form}", key, path.lstrip("/"), setting)
    for key in _FEEDS:
        draft.note("feeds.json", key, "", "Pelican made no JSON feeds; without this line blogops does")
    items = draft.get("FEED_MAX_ITEMS", 100)
    draft.put("feeds", "items", items if isinstance(items, int) and items > 0 else 10_000, "FEED_MAX_ITEMS")
    draft.note("feeds", "ids", "pelican", "so that feed readers know the posts they have already shown")
    if draft.get("RSS_FEED_SUMMARY_ONLY", True) and draft.has("RSS_FEED_SUMMARY_ONLY"):
        draft.leave("RSS_FEED_SUMMARY_ONLY", "feeds.summaries is for all feeds; they hold whole posts")


def file_of(url: str) -> str:
    """Return the file that the address *url* has by itself.

    >>> file_of("2012/"), file_of("about"), file_of("feed.xml")
    ('2012/index.html', 'about.html', 'feed.xml')
    """
    if not url or url.endswith("/"):
        return url + "index.html"
    return url if "." in posixpath.basename(url) else url + ".html"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
