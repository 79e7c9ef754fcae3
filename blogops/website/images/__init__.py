"""Images of a site: their size, what is published of them, their smaller and newer versions, their HTML."""

from blogops.website.images.kept import prepare, prune
from blogops.website.images.opening import BadImage, size
from blogops.website.images.tag import markup
from blogops.website.model import Picture, Variant

__all__ = ["BadImage", "Picture", "Variant", "markup", "prepare", "prune", "size"]
