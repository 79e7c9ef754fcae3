"""Headers that a release has for single paths: what may be one, nginx's maps of them, and who writes these.

Of Python it needs the standard library alone: a program of root's own is made of it, which trusts nothing
that lies in a release.
"""

from blogops.headers.rules import ALLOWED, Rule, from_json, rule, to_json

__all__ = ["ALLOWED", "Rule", "from_json", "rule", "to_json"]
