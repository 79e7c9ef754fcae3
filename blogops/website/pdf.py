"""One post as a PDF, by WeasyPrint (the extra ``pdf``): nothing is read but the site that was built."""

import html as markup
from collections.abc import Callable
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

from blogops.errors import UsageError
from blogops.website.words import direction

# Dots per inch; more is not seen on paper, and a telephone's photo has five times that.
_DOTS = 200


def render(
    html: str,
    read: Callable[[str], bytes],
    *,
    url: str,
    title: str,
    byline: str,
    language: str,
    style: str,
) -> bytes:
    """Return the post *html* (its body, without a title) as an A4 PDF, tagged for screen readers.

    *url* is the post's full address: what *html* links to is relative to it. What lies at the same host is
    had from *read*, which gives the bytes of a file of the site by its path ("images/a b.png") and raises
    `KeyError` where there is none. Any other address, a file's too, is not read: that image is left out.
    *title*, *byline* and *language* (BCP 47) are plain text, *style* is CSS. The same input gives the same
    bytes with the same WeasyPrint, Pango and fonts. Raises `UsageError` when WeasyPrint or Pango is not
    installed.
    """
    weasyprint = load()
    page = _page(html, url=url, title=title, byline=byline, language=language, style=style)
    document = weasyprint.HTML(string=page, base_url=url, url_fetcher=_fetcher(read, url))
    made = document.write_pdf(pdf_tags=True, optimize_images=True, jpeg_quality=85, dpi=_DOTS)
    return bytes(made)


def version() -> str:
    """Return which WeasyPrint there is, without loading it. Raises `UsageError` when there is none."""
    from importlib import metadata  # 10 ms that a site without PDFs need not take

    try:
        return metadata.version("weasyprint")
    except metadata.PackageNotFoundError as error:
        raise _missing() from error


def load() -> ModuleType:
    """Return WeasyPrint, loaded: half a second. Raises `UsageError` when it or Pango is not installed."""
    try:
        import weasyprint
    except ImportError as error:
        raise _missing() from error
    except OSError as error:
        raise UsageError(
            f"WeasyPrint cannot load Pango ({str(error).splitlines()[0]})",
            hint="`fab setup` installs it on a server; elsewhere: "
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        ) from error
    module: ModuleType = weasyprint
    return module


def _missing() -> UsageError:
    return UsageError(
        "a PDF needs WeasyPrint, which is not installed",
        hint="Install it with: pip install 'blogops[pdf]'; or set pdf = false in blog.toml.",
    )


def _page(html: str, *, url: str, title: str, byline: str, language: str, style: str) -> str:
    way = direction(language)
    title, byline, address, language = (markup.escape(text) for text in (title, byline, url, language))
    return (
        f'<!doctype html><html lang="{language}" dir="{way}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{style}</style></head><body>"
        f'<h1 data-address="{address}">{title}</h1><p class="byline">{byline}</p>{html}</body></html>'
    )


def _fetcher(read: Callable[[str], bytes], url: str) -> Any:
    from weasyprint import urls

    site = urlsplit(url)[:2]

    class OnlyTheSite(urls.URLFetcher):  # type: ignore[misc]
        """Reads the site that is built instead of its host. WeasyPrint leaves out what raises."""

        def fetch(self, url: str, headers: object = None) -> Any:
            asked = urlsplit(url)
            path = unquote(asked.path).lstrip("/")
            if asked[:2] != site:
                raise ValueError("outside the site")
            # What a raster image is, WeasyPrint sees by its bytes.
            kind = "image/svg+xml" if path.lower().endswith(".svg") else "application/octet-stream"
            return urls.URLFetcherResponse(url, read(path), {"Content-Type": kind})

    return OnlyTheSite()
