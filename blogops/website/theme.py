"""The theme: Jinja2 templates, the author's own first, and the one style sheet."""

import hashlib
from collections.abc import Mapping
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pygments.formatters import HtmlFormatter

from blogops import resources
from blogops.config import Config
from blogops.errors import Failed

_LIGHT, _DARK = "xcode", "github-dark"


class Theme:
    """Renders the templates of one site."""

    def __init__(self, config: Config) -> None:
        own = config.folder / config.content.templates
        stock = jinja2.FileSystemLoader(resources.templates("site"))
        # "theme/base.html" is the theme's, for an author's base.html that only extends it.
        loader = jinja2.ChoiceLoader(
            [jinja2.FileSystemLoader(own), stock, jinja2.PrefixLoader({"theme": stock})]
        )
        self._environment = ImmutableSandboxedEnvironment(
            loader=loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, template: str, context: Mapping[str, Any]) -> bytes:
        """Return *template* filled in. Raises `Failed` when the template is wrong."""
        try:
            return self._environment.get_template(template).render(context).encode()
        except jinja2.TemplateSyntaxError as error:
            raise _broken(error.name or template, error.lineno, error) from error
        except (jinja2.TemplateError, TypeError, ValueError, AttributeError) as error:
            raise _broken(template, 0, error) from error

    def style(self) -> bytes:
        """Return the style sheet: the theme's own rules and those of highlighted code."""
        loader = self._environment.loader
        assert loader is not None  # noqa: S101 - given above
        own = loader.get_source(self._environment, "style.css")[0]
        return f"{own}\n{_code_rules()}".encode()


def style_path(style: bytes) -> str:
    """Return the path of a style sheet: a new one for new bytes, so that it may be cached for ever."""
    return f"/theme/style.{hashlib.sha256(style).hexdigest()[:8]}.css"


def _code_rules() -> str:
    light = _rules(_LIGHT)
    dark = _rules(_DARK)
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _rules(style: str) -> str:
    rules: str = HtmlFormatter(style=style).get_style_defs(".highlight")  # type: ignore[no-untyped-call]
    # The background and the line numbers are the theme's.
    lines = (line.split(" /*")[0] for line in rules.splitlines())
    return "\n".join(line for line in lines if line.startswith(".highlight ."))


def _broken(template: str, line: int, error: Exception) -> Failed:
    where = f"{template}:{line}" if line else template
    return Failed(f"the template is wrong: {error}", where=where, hint="Nothing was built.")
