"""What to say of the settings and plugins of Pelican that blogops has no key for."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from blogops.pelican.model import Draft

# Of no consequence for the site: how Pelican works, not what it makes.
_WORKINGS = frozenset(
    "OUTPUT_PATH DELETE_OUTPUT_DIRECTORY OUTPUT_RETENTION PORT BIND RELATIVE_URLS LOG_FILTER CACHE_CONTENT"
    " CONTENT_CACHING_LAYER CACHE_PATH GZIP_CACHE CHECK_MODIFIED_METHOD LOAD_CONTENT_CACHE"
    " AUTORELOAD_IGNORE_CACHE WRITE_SELECTED STATIC_CREATE_LINKS STATIC_CHECK_IF_MODIFIED PELICAN_CLASS"
    " PLUGIN_PATHS PLUGIN_PATH LOCALE DATE_FORMATS DEFAULT_DATE_FORMAT INTRASITE_LINK_REGEX FEED_DOMAIN"
    " THEME_STATIC_DIR THEME_STATIC_PATHS CSS_FILE STATIC_EXCLUDE_SOURCES WITH_FUTURE_DATES MARKUP"
    " DRAFT_URL DRAFT_SAVE_AS DRAFT_LANG_URL DRAFT_LANG_SAVE_AS DRAFT_PAGE_URL DRAFT_PAGE_SAVE_AS"
    " DRAFT_PAGE_LANG_URL DRAFT_PAGE_LANG_SAVE_AS TYPOGRIFY_IGNORE_TAGS TYPOGRIFY_OMIT_FILTERS"
    " TYPOGRIFY_DASHES PYGMENTS_STYLE CLEAN_URLS TRANSLATION_FEED FEED_APPEND_REF".split()
)
_INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        "THEME": "themes do not come over: blogops has one, which your templates/ may change piece by piece",
        "THEME_TEMPLATES_OVERRIDES": "templates do not come over; write yours in templates/",
        "EXTRA_TEMPLATES_PATHS": "templates do not come over; write yours in templates/",
        "MARKDOWN": "blogops builds reStructuredText only",
        "MD_EXTENSIONS": "blogops builds reStructuredText only",
        "READERS": "blogops builds reStructuredText only",
        "DOCUTILS_SETTINGS": "docutils has safe settings of blogops' own",
        "FORMATTED_FIELDS": "only :summary: may hold markup",
        "JINJA_FILTERS": "filters of your own: extensions/ (docs/extensions.md)",
        "JINJA_GLOBALS": "of your own: extensions/ (docs/extensions.md)",
        "JINJA_TESTS": "of your own: extensions/ (docs/extensions.md)",
        "JINJA_ENVIRONMENT": "of your own: extensions/ (docs/extensions.md)",
        "JINJA_EXTENSIONS": "of your own: extensions/ (docs/extensions.md)",
        "TEMPLATE_PAGES": "pages made by a template: the `pages` hook of an extension",
        "TEMPLATE_EXTENSIONS": "templates end in .html",
        "NEWEST_FIRST_ARCHIVES": "the archives begin with the newest post",
        "REVERSE_CATEGORY_ORDER": "categories are in the order of their slugs",
        "OUTPUT_SOURCES": "sources are not published",
        "OUTPUT_SOURCES_EXTENSION": "sources are not published",
        "STATIC_URL": "a static file keeps its path below the manuscript; metadata.paths moves single ones",
        "STATIC_SAVE_AS": "a static file keeps its path below the manuscript; metadata.paths moves "
        "single ones",
        "ARTICLE_TRANSLATION_ID": "translations are found by their slug",
        "PAGE_TRANSLATION_ID": "translations are found by their slug",
        "DISPLAY_PAGES_ON_MENU": "the menu shows the pages; :status: hidden takes one out",
        "DISPLAY_CATEGORIES_ON_MENU": "the menu leads to the list of categories",
        "FILES_TO_COPY": "gone from Pelican too: name the files in content.static and metadata.paths",
        "GOOGLE_ANALYTICS": "no request leaves the site; the server's logs count readers",
        "DISQUS_SITENAME": "no request leaves the site, so there are no comments by others",
        "GITHUB_URL": "name it in theme.menu or site.profiles",
        "TWITTER_USERNAME": "name it in site.profiles",
        "STATIC_EXCLUDES": "",
    }
)
_PLUGINS: Mapping[str, str] = MappingProxyType(
    {
        "sitemap": "built in: sitemap.xml",
        "extended_sitemap": "built in: sitemap.xml",
        "related_posts": "built in: lists.related, by the rarest tags",
        "similar_posts": "built in: lists.related, by the rarest tags",
        "neighbors": "built in: previous and next below each post",
        "series": "built in: :series: and :series_index:",
        "i18n_subsites": "built in: :lang: and translations, with hreflang; no site for each language",
        "summary": "built in: :summary:, lists.summary_words and lists.summary_paragraphs",
        "extract_toc": "built in: a table of contents above long posts",
        "toc": "built in: a table of contents above long posts",
        "headerid": "built in: headings have anchors",
        "share_post": "no request leaves the site",
        "post_stats": "built in: reading time",
        "readtime": "built in: reading time",
        "read_time": "built in: reading time",
        "gzip_cache": "built in: build.compress (gzip and brotli)",
        "precompress": "built in: build.compress (gzip and brotli)",
        "assets": "built in: one style sheet, fingerprinted",
        "webassets": "built in: one style sheet, fingerprinted",
        "minify": "not needed: the theme is small, and sent compressed",
        "css-html-js-minify": "not needed: the theme is small, and sent compressed",
        "optimize_images": "built in: [images]",
        "image_process": "built in: [images] makes sizes, WebP and AVIF",
        "thumbnailer": "built in: [images] makes sizes, WebP and AVIF",
        "better_figures_and_images": "built in: widths and heights of all pictures",
        "render_math": "built in: MathML, without a script",
        "pdf": "build.pdf, by WeasyPrint",
        "seo": "built in: canonical links, OpenGraph, JSON-LD",
        "open_graph": "built in: OpenGraph and JSON-LD",
        "jinja_filters": "extensions/ may register filters (docs/extensions.md)",
        "more_categories": "one category a post; use tags",
        "subcategory": "one category a post; use tags",
        "tag_cloud": "built in: the list of all tags, with counts",
        "archives": "built in: archives by year and month",
        "pelican_alias": "built in: :aliases:, as redirects of the server",
        "alias": "built in: :aliases:, as redirects of the server",
        "redirect": "built in: :aliases: and the file `redirects`",
        "permalinks": "built in: feed ids that survive a changed slug; :aliases: for old addresses",
        "tipue_search": "there is no search",
        "search": "there is no search",
        "liquid_tags": "for Markdown; use directives",
        "typogrify": "built in: site.typography",
        "filetime_from_git": "write :date: and :modified: in the post",
        "w3c_validate": "`make check-site` validates with the real tools",
        "linkclass": "style links in templates/",
        "random_article": "there is none",
        "github_activity": "no request leaves the site",
        "yaml_metadata": "for Markdown",
    }
)
_KNOWN_ELSEWHERE = frozenset({"SITE_DESCRIPTION", "TAGLINE", "SITEDESCRIPTION", "SITESUBTITLE"})


def tell_the_rest(draft: Draft) -> None:
    """Leave every setting that nobody looked at, with what there is instead."""
    for setting in sorted(draft.found.values, key=lambda name: _place(draft, name)):
        if not setting.isupper() or setting in draft.seen or setting in _WORKINGS or setting == "PLUGINS":
            continue
        draft.leave(
            setting, _INSTEAD.get(setting, "not a setting of Pelican's, but of your theme or a plugin")
        )


def plugins(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield each plugin with what blogops has instead of it."""
    given = draft.get("PLUGINS")
    for plugin in given if isinstance(given, (list, tuple)) else ():
        name = re.sub(r"^(pelican\.plugins\.|minchin\.pelican\.plugins\.|pelican[_-])", "", str(plugin))
        known = _PLUGINS.get(name) or _PLUGINS.get(name.replace("-", "_")) or _PLUGINS.get(f"pelican_{name}")
        yield str(plugin), known or "blogops runs no plugin of Pelican; see docs/extensions.md"


def _place(draft: Draft, setting: str) -> tuple[str, int]:
    file, _, line = draft.found.where.get(setting, "").partition(":")
    return file, int(line or 0)
