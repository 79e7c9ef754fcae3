"""What does not belong to one part of the builder."""

from pathlib import Path

import pytest

from blogops import resources
from blogops.website.links import file_key


def test_a_link_finds_a_file_in_spite_of_spaces_and_composed_accents() -> None:
    assert file_key("cat e\u0301/b c.rst") == file_key("cat é/bc.rst")


def test_the_templates_are_found_in_a_checkout_and_in_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (resources.templates("site") / "base.html").is_file()
    (tmp_path / "templates/site").mkdir(parents=True)
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "resources.py"))
    assert resources.templates("site") == tmp_path / "templates/site"
