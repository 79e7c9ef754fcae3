"""Which posts a reader of one post may like: those that share its rarest tags."""

import bisect
import math
from collections import Counter

from blogops.website.model import Entry

_NEAREST = 50  # posts of a tag on either side, so that the work grows with the posts, not with their square


def related(posts: tuple[Entry, ...], count: int) -> list[tuple[int, ...]]:
    """Return up to *count* places in *posts* for each of them, the nearest first.

    A tag weighs log(posts / posts that have it), so that one which all posts have says nothing. Of a tag
    of many posts, the ones beside it in the order count. Equals stay in the order of *posts*.
    """
    having: dict[str, list[int]] = {}
    for index, post in enumerate(posts):
        for slug in {tag.slug for tag in post.tags}:
            having.setdefault(slug, []).append(index)
    found = []
    for index, post in enumerate(posts):
        scores: Counter[int] = Counter()
        for slug in sorted({tag.slug for tag in post.tags}):
            weight = math.log(len(posts) / len(having[slug]))
            at = bisect.bisect_left(having[slug], index)
            for other in having[slug][max(0, at - _NEAREST) : at + _NEAREST]:
                scores[other] += weight  # type: ignore[assignment]
        near = (other for other, score in scores.items() if other != index and score > 0)
        ranked = sorted(near, key=lambda other: (-scores[other], other))[:count]
        found.append(tuple(ranked))
    return found
