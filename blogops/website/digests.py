"""What stands for bytes or a text that are compared, or kept under a name of their own."""

import hashlib
import marshal
from typing import Any

# From version 3 on marshal tells an object that it meets again, or an interned text, from its equal.
_BY_VALUE = 2


def digest(data: bytes | str) -> str:
    """Return the BLAKE2b digest of *data*, 128 bits in hexadecimal; a text may hold names of odd files."""
    held = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return hashlib.blake2b(held, digest_size=16).hexdigest()


def digest_of_value(value: Any) -> str:
    """Return the digest of a tuple or list, nested as it may be, of texts, numbers, bytes and None."""
    return digest(marshal.dumps(value, _BY_VALUE))
