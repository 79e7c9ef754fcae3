"""What the checks share: the example built twice and served, and one run of the browser over it."""

from collections.abc import Iterator
from typing import Any

import pytest

from checks import example, nginx, serving, tools
from checks.example import Built

TRIES = 6  # of Lighthouse, on a machine that has other work
FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The example as it is: its seed post is a draft."""
    return example.build(tmp_path_factory.mktemp("draft"), seed_published=False)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The example with its seed post published."""
    return example.build(tmp_path_factory.mktemp("published"), seed_published=True)


@pytest.fixture(scope="session", params=["draft", "published"])
def site(request: pytest.FixtureRequest) -> Built:
    """Both, one after the other."""
    built: Built = request.getfixturevalue(request.param)
    return built


@pytest.fixture(scope="session")
def seed(draft: Built, published: Built) -> str:
    """The address of the seed post."""
    return example.seed_post(draft, published)


@pytest.fixture(scope="session")
def address(published: Built) -> Iterator[str]:
    """Where the published example is served."""
    with serving.served(published.folder, nginx.example()) as url:
        yield url


@pytest.fixture(scope="session")
def measured(request: pytest.FixtureRequest, published: Built, address: str, seed: str) -> dict[str, Any]:
    """What the browser found: the scores of index and seed post, and the facts of every page."""
    told = {"base": address, "pages": published.pages(), "lighthouse": ["/", seed], "tries": TRIES}
    found: dict[str, Any] = tools.node("measure.mjs", told)
    request.config.stash[FIGURES] = _figures(found)
    return found


def _figures(found: dict[str, Any]) -> list[str]:
    lines = [f"{found['version']}, {len(found['pages'])} pages"]
    for path, runs in found["lighthouse"].items():
        scores = (", ".join(f"{name} {score}" for name, score in run["scores"].items()) for run in runs)
        lines.append(f"Lighthouse {path}: {'; then '.join(scores)}")
        lines.append(f"transferred {path}: {found['pages'][path]['bytes'] / 1000:.1f} kB")
    return lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the figures, above pytest's own last line."""
    if FIGURES in config.stash:
        terminalreporter.section("measured")
        for line in config.stash[FIGURES]:
            terminalreporter.line(line)
