"""What Pelican builds in the bench; the cached cases say -e CACHE_CONTENT=true LOAD_CONTENT_CACHE=true."""

SITENAME = "Banc d'essai"
SITEURL = "http://bench.example.org"
AUTHOR = "Rémy Hubscher"
DEFAULT_LANG = "fr"
TIMEZONE = "Europe/Paris"
PATH = "content"
OUTPUT_PATH = "output"
THEME = "simple"
STATIC_PATHS = ["images"]
DEFAULT_PAGINATION = 10
FEED_DOMAIN = SITEURL
FEED_MAX_ITEMS = 100
FEED_ALL_ATOM = "feeds/all.atom.xml"
CATEGORY_FEED_ATOM = "feeds/{slug}.atom.xml"
TAG_FEED_ATOM = "feeds/tag/{slug}.atom.xml"
AUTHOR_FEED_ATOM = "feeds/author/{slug}.atom.xml"
TRANSLATION_FEED_ATOM = "feeds/all-{lang}.atom.xml"
AUTHOR_FEED_RSS = None
