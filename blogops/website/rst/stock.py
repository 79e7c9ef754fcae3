"""docutils' own directives and writer, without Pillow and ssl, which they bring.

Neither is ever called: with our settings docutils opens no image and no address.
"""

from blogops.late import late

with late("PIL.Image", "urllib.request"):
    from docutils.parsers.rst.directives import body, images, misc, tables
    from docutils.writers import html5_polyglot

__all__ = ["body", "html5_polyglot", "images", "misc", "tables"]
