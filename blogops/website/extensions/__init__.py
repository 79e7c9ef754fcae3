"""The author's own directives, roles, filters and pages: ``extensions/*.py``.

An extension is code of the blog's author that runs as the blog's user, unlike a post, which is only read
(docs/extensions.md).
"""

from blogops.website.extensions.loading import Extensions, loaded
from blogops.website.extensions.page import Page

__all__ = ["Extensions", "Page", "loaded"]
