"""The builder beside Pelican, Nikola and Hugo: one text for all of them, and what changing it costs.

How it is fair. One generator writes the same posts for all: Pelican and blogops read the same files,
Nikola the same reStructuredText with its own metadata and addresses, Hugo the same words as Markdown. All
make a page for each post; an index, and lists of tags, categories and authors, with ten summaries a page;
and feeds with the whole text of the newest 100 posts, in one format: of all, of each tag, category,
author and language. Nikola is asked for less: its lists but for the index are titles on one page, which
is its default (with summaries it took half as long again), it makes no feeds of languages and no archive
of all posts. No archives by year, no smaller versions of pictures, no compressed copies. The others have
their smallest themes; blogops has its own theme and its defaults, which do more (related
posts, structured data, the size of each image): none of that is off.

All Python tools run on Debian's own Python, as they do on a server, each in a virtualenv; blogops is
installed there as `fab setup` does it, by the lock and the wheel of this checkout.

Pelican keeps no cache for the full build, and its cache of what it read in the other cases; Hugo has
none. Tools take turns run by run. Cold means without the tool's caches and output, not without the
kernel's. Each run changes something that no cache can know, and is looked at: the new word is on the page
and in the lists, the post has left the list of its old tag.
"""
