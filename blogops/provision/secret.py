"""A value that is used and never shown."""

import os
from pathlib import Path

from blogops.errors import UsageError


class Secret:
    """A password or token: sent to the agent on stdin, and in no plan, diff, event, log or traceback.

    ::

        require.postgres.user("myuser", password=Secret.env("DB_PASSWORD"))
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def env(cls, name: str) -> "Secret":
        """Return the secret in the environment variable *name*; raise `UsageError` where it is not set."""
        if not (value := os.environ.get(name, "")):
            raise UsageError(f"the environment variable {name} is not set", hint=f"Say: export {name}=…")
        return cls(value)

    @classmethod
    def named(cls, name: str, folder: Path) -> "Secret":
        """Return the secret that blog.toml in *folder* names: ``env:NAME`` or ``file:PATH``."""
        kind, _, place = name.partition(":")
        return cls.env(place) if kind == "env" else cls.file(folder / Path(place).expanduser()).line()

    @classmethod
    def file(cls, path: str | Path) -> "Secret":
        """Return the secret in the file *path*: all as contents, without its last newline as a password."""
        try:
            secret = cls(Path(path).expanduser().read_bytes().decode())
        except OSError as error:
            raise UsageError(f"no secret can be read from {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            hint = f'A file\'s bytes are sent by require.file(…, source="{path}", secret=True).'
            raise UsageError("the file of a secret is no text", where=str(path), hint=hint) from error
        if not secret.line().reveal():
            raise UsageError("the file of a secret is empty", where=str(path))
        return secret

    def line(self) -> "Secret":
        """Return the secret without the newline that ends its file: a password, a token."""
        return Secret(self._value.rstrip("\r\n"))

    def reveal(self) -> str:
        """Return the value; only for what sends it."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__
