"""docutils' own directives and writer, without Pillow, ssl, XML and the makers of formulas, which they bring.

The first three are never called: with our settings docutils opens no image and no address. Of the makers one
is, by a text that has a formula.
"""

import xml.etree  # noqa: F401 - where docutils looks for the stand-in

from blogops.late import late

_MATH = ("latex2mathml", "math2html", "tex2mathml_extern")

with late(
    "PIL", "urllib.request", "xml.etree.ElementTree", *(f"docutils.utils.math.{name}" for name in _MATH)
):
    from docutils.parsers.rst.directives import body, images, misc, tables
    from docutils.writers import html5_polyglot

__all__ = ["body", "html5_polyglot", "images", "misc", "tables"]
