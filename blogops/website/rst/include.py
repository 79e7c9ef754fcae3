"""``include``, which reads the author's own content folder and nothing else."""

import posixpath
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from blogops.website.rst.code import Code
from blogops.website.rst.context import Context, Inclusion, context_of
from blogops.website.rst.settings import lines_of
from blogops.website.rst.stock import misc

_LARGEST = 1_000_000
_LARGEST_ALTOGETHER = 5_000_000
_MOST = 100
_CLIPS = ("start-line", "end-line", "start-after", "end-before")


class Include(misc.Include):
    """A file of the content folder, as text, as a literal block or as code.

    A path is relative to the file it is written in; "/" stands for the content folder, as in a link.
    ``<isonum.txt>`` and the like are the definitions that docutils brings.
    """

    option_spec: ClassVar[dict[str, Callable[[str], Any]] | None] = {
        name: convert for name, convert in (misc.Include.option_spec or {}).items() if name != "parser"
    }

    def run(self) -> list[nodes.Node]:
        """Return its nodes, or put its lines in the place of the directive."""
        document = self.state.document
        self.settings = document.settings
        self.tab_width = self.options.get("tab-width", self.settings.tab_width)
        context = context_of(document)
        name, path = self._found(context, document)
        self.options["source"] = source = Inclusion(name)
        source.line, source.cut = self._line(), self._cut(path)
        text = self._read(path, *map(self.options.get, _CLIPS))
        # docutils would count it once more, for a literal block.
        self.options.pop("start-line", None)
        return self._inserted(text)

    def _inserted(self, text: str) -> list[nodes.Node]:
        if "literal" in self.options:
            return list(self.as_literal_block(text))
        if "code" in self.options:
            return self.as_code_block(text)
        self.insert_into_input_lines(text)
        return []

    def _read(self, path: Path, *clips: Any) -> str:
        self.clip_options = clips
        try:
            return lines_of(self.read_file(str(path)))
        except (LookupError, ValueError) as error:
            raise self.error(f'"{self.arguments[0]}" cannot be read as text: {error}') from error

    def _line(self) -> int:
        # What came in above is counted in the directive's own line number.
        source, line = self.state_machine.get_source_and_line(self.lineno)
        return source.line if isinstance(source, Inclusion) else line or 1

    def _cut(self, path: Path) -> int:
        """Return how many lines of *path* stand above the first that comes in."""
        start, after = self.options.get("start-line"), self.options.get("start-after")
        if not start and after is None:
            return 0
        whole, rest = self._read(path, None, None, None, None), self._read(path, start, None, after, None)
        return len(whole.splitlines()) - len(rest.splitlines())

    def _found(self, context: Context, document: nodes.document) -> tuple[str, Path]:
        given = directives.path(self.arguments[0])
        if given.startswith("<") and given.endswith(">"):
            path = self._confined(Path(self.standard_include_path).resolve(), given[1:-1], given)
            context.included.append(given)
            return given, self._counted(context, path, given)
        # An included file is named by its path below the content folder, as the post is.
        folder = "" if given.startswith("/") else posixpath.dirname(document.current_source or "")
        name = posixpath.normpath(posixpath.join(folder, given.lstrip("/")))
        # It may be there when the post is read again.
        context.missing.add(name)
        path = self._counted(context, self._confined(context.options.content.resolve(), name, given), given)
        context.missing.discard(name)
        context.included.append(name)
        return name, path

    def _confined(self, root: Path, name: str, given: str) -> Path:
        try:
            path = (root / name).resolve(strict=True)
            inside = path.is_relative_to(root) and stat.S_ISREG(path.stat().st_mode)
        except (OSError, RuntimeError, ValueError):
            inside = False
        if not inside or any(part.startswith(".") for part in path.relative_to(root).parts):
            raise self.error(f'"{given}" is not included: there is no such file in the content folder.')
        return path

    def _counted(self, context: Context, path: Path, given: str) -> Path:
        size = path.stat().st_size
        context.included_bytes += size
        context.inclusions += 1
        if size > _LARGEST or context.included_bytes > _LARGEST_ALTOGETHER or context.inclusions > _MOST:
            raise self.error(
                f'"{given}" is not included: {_MOST} files of {_LARGEST // 1_000_000} MB each,'
                f" {_LARGEST_ALTOGETHER // 1_000_000} MB altogether, are the limit."
            )
        return path

    def as_code_block(self, text: str) -> list[Any]:
        """Return *text* as our code directive shows it."""
        if self.tab_width >= 0:
            text = text.expandtabs(self.tab_width)
        kept = {"class", "name", "number-lines"} & self.options.keys()
        options = {name: self.options[name] for name in kept}
        if "number-lines" in options:
            options["number-lines"] = str(options["number-lines"] or "")
        language = [self.options["code"]] if self.options["code"] else []
        content: Any = text.removesuffix("\n").split("\n")
        return Code(
            *(self.name, language, options, content, self.lineno, self.content_offset),
            *(self.block_text, self.state, self.state_machine),
        ).run()
