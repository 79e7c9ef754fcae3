"""What Nikola builds in the bench: the barest of its own themes, and nothing that the others do not make.

The lists of tags, categories and authors are as it makes them unasked, titles on one page each: paginated
with summaries, as the others have them, they cost it half as much time again.
"""

BLOG_AUTHOR = "Rémy Hubscher"
BLOG_TITLE = "Banc d'essai"
SITE_URL = "http://bench.example.org/"
BLOG_EMAIL = "bench@example.org"
BLOG_DESCRIPTION = ""
DEFAULT_LANG = "fr"
TRANSLATIONS = {"fr": ""}
TIMEZONE = "Europe/Paris"
THEME = "base"
POSTS = (("posts/*.rst", "posts", "post.tmpl"),)
PAGES = ()
COMPILERS = {"rest": (".rst",)}
FILES_FOLDERS = {"files": ""}
IMAGE_FOLDERS: dict[str, str] = {}
LISTINGS_FOLDERS: dict[str, str] = {}
GALLERY_FOLDERS: dict[str, str] = {}
NAVIGATION_LINKS: dict[str, tuple[()]] = {"fr": ()}
INDEX_DISPLAY_POST_COUNT = 10
INDEX_TEASERS = True
INDEXES_STATIC = False
MULTIPLE_AUTHORS_PER_POST = True
FEED_LENGTH = 100
GENERATE_ATOM = False
COPY_SOURCES = False
SHOW_SOURCELINK = False
USE_CDN = False
USE_BUNDLES = False
GZIP_FILES = False
DISABLED_PLUGINS = ["classify_archive"]
