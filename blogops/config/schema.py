"""The tables of blog.toml as named tuples; ``example/blog.toml`` explains every key."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

Pairs = tuple[tuple[str, str], ...]
Texts = tuple[str, ...]

_NO_TEXTS: dict[str, str] = {}  # nobody changes a setting
_NO_TABLES: dict[str, dict[str, str]] = {}


class Site(NamedTuple):
    """What readers see of the blog as a whole."""

    title: str
    url: str
    author: str
    description: str = ""
    language: str = "en"
    timezone: str = "UTC"
    typography: bool = True
    profiles: Texts = ()


class Content(NamedTuple):
    """Where the manuscript lies; paths are relative to blog.toml."""

    path: str = "content"
    posts: Texts = ()
    pages: Texts = ("pages",)
    exclude: Texts = ()
    static: Texts = ("images", "static")
    ignore: Texts = (".*",)
    templates: str = "templates"
    extensions: str = "extensions"
    redirects: str = "redirects"
    headers: str = "headers"
    git: str = ""
    branch: str = "main"
    git_host_keys: Texts = ()

    @property
    def by_ssh(self) -> bool:
        """Whether the repository is fetched by ssh, with the server's deploy key."""
        return bool(self.git) and not self.git.startswith("https://")


class Metadata(NamedTuple):
    """What is known of a post before its own fields are read, and how names become slugs."""

    category: str = "misc"
    folder_category: bool = True
    date: str = ""
    file_name: str = r"(?P<date>\d{4}-\d{2}-\d{2}).*"
    file_path: str = ""
    slug_from: str = "title"
    slug_unicode: bool = False
    slug_keep_case: bool = False
    slug_rules: Pairs = ()
    tag_rules: Pairs = ()
    category_rules: Pairs = ()
    author_rules: Pairs = ()
    known: Texts = ()
    defaults: dict[str, str] = _NO_TEXTS
    paths: dict[str, dict[str, str]] = _NO_TABLES


class Urls(NamedTuple):
    """The addresses, as patterns; an empty one makes no such page."""

    post: str = "{slug}.html"
    post_save_as: str = ""
    post_lang: str = "{slug}-{lang}.html"
    post_lang_save_as: str = ""
    page: str = "pages/{slug}.html"
    page_save_as: str = ""
    page_lang: str = "pages/{slug}-{lang}.html"
    page_lang_save_as: str = ""
    category: str = "category/{slug}.html"
    category_save_as: str = ""
    tag: str = "tag/{slug}.html"
    tag_save_as: str = ""
    author: str = "author/{slug}.html"
    author_save_as: str = ""
    series: str = "series/{slug}.html"
    series_save_as: str = ""
    year: str = "{date:%Y}/"
    year_save_as: str = ""
    month: str = "{date:%Y}/{date:%m}/"
    month_save_as: str = ""
    day: str = ""
    day_save_as: str = ""
    index: str = "index.html"  # type: ignore[assignment] # nobody looks for one of its values
    archives: str = "archives.html"
    categories: str = "categories.html"
    tags: str = "tags.html"
    authors: str = "authors.html"
    numbered: str = "{name}{number}{extension}"


class Lists(NamedTuple):
    """The lists of posts: their order, their pages, their summaries."""

    per_page: int = 10
    orphans: int = 0
    paginated: Texts = ("index",)
    order: str = "reversed-date"
    page_order: str = "basename"
    summary_words: int = 50
    summary_paragraphs: int = 0
    summary_end: str = "…"
    related: int = 3


class FeedPaths(NamedTuple):
    """The addresses of the feeds of one format; an empty one makes no such feed."""

    all: str = ""
    posts: str = ""
    category: str = ""
    tag: str = ""
    author: str = ""
    language: str = ""


def _feed_paths(extension: str) -> FeedPaths:
    return FeedPaths(
        all=f"feeds/all.{extension}",
        category=f"feeds/{{slug}}.{extension}",
        tag=f"feeds/tag/{{slug}}.{extension}",
        author=f"feeds/author/{{slug}}.{extension}",
        language=f"feeds/all-{{lang}}.{extension}",
    )


_ATOM, _RSS, _JSON = (_feed_paths(extension) for extension in ("atom.xml", "rss.xml", "json"))


class Feeds(NamedTuple):
    """What feed readers get."""

    items: int = 20
    kilobytes: int = 512
    summaries: bool = False
    ids: str = "stable"
    atom: FeedPaths = _ATOM
    rss: FeedPaths = _RSS
    json: FeedPaths = _JSON


class Theme(NamedTuple):
    """The look of the site."""

    accent: str = ""
    accent_dark: str = ""
    logo: str = ""
    icon: str = ""
    menu: dict[str, str] = _NO_TEXTS


class Images(NamedTuple):
    """What is made of the pictures."""

    variants: bool = True
    widths: tuple[int, ...] = (480, 960, 1600)


class Build(NamedTuple):
    """How strict a build is, and what it makes besides the pages."""

    warning: str = "tell"
    error: str = "stop"
    metadata: str = "tell"
    alt: str = "tell"
    link: str = "stop"
    raw_html: bool = False
    compress: bool = True
    pdf: bool = False
    code: dict[str, str] = _NO_TEXTS


class Server(NamedTuple):
    """The machine (or machines) the blog lives on."""

    name: str = "blog"
    hosts: Texts = ()
    host_keys: Texts = ()
    domains: Texts = ()
    http_port: int = 80
    service_port: int = 8710

    @property
    def root(self) -> str:
        """The blog's folder on the server."""
        return f"/srv/{self.name}"


class Releases(NamedTuple):
    """What may be a release, how many stay for a rollback, and for how long their files do."""

    keep: int = 5
    keep_scheduled: int = 5
    max_age: int = 0
    max_megabytes: int = 0
    keep_assets: int = 7
    shrink: int = 20


class Rebuild(NamedTuple):
    """The scheduled rebuild on the server."""

    at: str = "04:10"


class Alerts(NamedTuple):
    """Who is told that scheduled rebuilds fail; an address but that of a mail is a secret, and only named."""

    mail: Texts = ()
    webhook: str = ""
    webhook_form: str = "json"
    sentry: str = ""
    ping: str = ""


class Metrics(NamedTuple):
    """Who may see the metrics, and where else they go."""

    token: str = ""
    statsd: str = ""


class Config(NamedTuple):
    """A whole blog.toml, and where it was found."""

    path: Path
    site: Site
    content: Content = Content()
    metadata: Metadata = Metadata()
    urls: Urls = Urls()
    lists: Lists = Lists()
    feeds: Feeds = Feeds()
    theme: Theme = Theme()
    images: Images = Images()
    build: Build = Build()
    server: Server = Server()
    releases: Releases = Releases()
    rebuild: Rebuild = Rebuild()
    alerts: Alerts = Alerts()
    metrics: Metrics = Metrics()

    @property
    def folder(self) -> Path:
        """The folder that blog.toml stands in; content paths start there."""
        return self.path.parent

    @property
    def manuscript(self) -> Path:
        """The folder of the posts."""
        return _beside(self.path, self.content.path)

    @property
    def domains(self) -> tuple[str, ...]:
        """The names nginx answers to: `server.domains`, or else the host of `site.url`."""
        return self.server.domains or (urlsplit(self.site.url).hostname or "_",)


@lru_cache(maxsize=64)
def _beside(path: Path, name: str) -> Path:
    # It is asked for with each file of the manuscript.
    return path.parent / name
