"""What stands for bytes or a text that are compared, or kept under a name of their own."""

import hashlib


def digest(data: bytes | str) -> str:
    """Return the BLAKE2b digest of *data*, 128 bits in hexadecimal; a text may hold names of odd files."""
    held = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return hashlib.blake2b(held, digest_size=16).hexdigest()
