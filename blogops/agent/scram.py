"""SCRAM-SHA-256 verifiers as PostgreSQL stores them, so that it never has to be told a clear password.

``SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY`` (RFC 5803 in PostgreSQL's spelling,
https://www.postgresql.org/docs/current/catalog-pg-authid.html).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import stringprep
import unicodedata

_ITERATIONS = 4096  # PostgreSQL's own default
# Ten million iterations take seconds; a verifier that wants more is rather replaced than computed.
_STORED = re.compile(r"SCRAM-SHA-256\$([1-9][0-9]{0,6}):([A-Za-z0-9+/=]+)\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+")

# What RFC 4013 prohibits, by the tables of RFC 3454; the last are the code points without a character.
_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
    stringprep.in_table_a1,
)


def verifier(password: str, salt: bytes = b"", iterations: int = _ITERATIONS) -> str:
    """Return what PostgreSQL would store for *password*, with a new salt if none is given."""
    salt = salt or secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${iterations}:{_base64(salt)}${_base64(stored)}:{_base64(server)}"


def matches(password: str, stored: str) -> bool:
    """Tell whether *stored* is a verifier of *password*; an MD5 hash or nothing is none."""
    found = _STORED.fullmatch(stored)
    if not found:
        return False
    try:
        salt = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(verifier(password, salt, int(found[1])), stored)


def prepared(password: str) -> str:
    """Return *password* by SASLprep (RFC 4013), or as it is where that prohibits it.

    As PostgreSQL does (src/common/saslprep.c), what is prohibited is looked for before the normalisation.
    """
    if password.isascii():
        return password
    spaced = (" " if stringprep.in_table_c12(each) else each for each in password)
    kept = "".join(each for each in spaced if not stringprep.in_table_b1(each))
    return unicodedata.normalize("NFKC", kept) if kept and _is_allowed(kept) else password


def _is_allowed(text: str) -> bool:
    if any(prohibits(each) for each in text for prohibits in _PROHIBITED):
        return False
    right_to_left = [stringprep.in_table_d1(each) for each in text]
    if not any(right_to_left):
        return True
    mixed = any(stringprep.in_table_d2(each) for each in text)
    return right_to_left[0] and right_to_left[-1] and not mixed


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
