"""Which posts a reader of one post may like: those that share its rarest tags."""

import bisect
import math

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
    weights = {slug: math.log(len(posts) / len(those)) for slug, those in having.items()}
    found = []
    for index, post in enumerate(posts):
        scores: dict[int, float] = {}
        for slug in sorted({tag.slug for tag in post.tags}):
            weight, those = weights[slug], having[slug]
            at = bisect.bisect_left(those, index)
            for other in those[max(0, at - _NEAREST) : at + _NEAREST]:
                scores[other] = scores.get(other, 0.0) + weight
        scores.pop(index, None)
        # The sort by scores leaves those of one score in their order.
        near = sorted(sorted(scores), key=scores.__getitem__, reverse=True)
        found.append(tuple(other for other in near[:count] if scores[other] > 0))
    return found
