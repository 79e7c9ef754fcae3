"""The minute's check: is anything due, did it go well, and who must know.

It runs outside the toolkit and needs the standard library alone, so that it tells of a broken toolkit, too.
Nothing is imported here: sixty times an hour there is nothing to do.
"""
