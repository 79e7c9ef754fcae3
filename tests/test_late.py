"""Modules that are imported when something of them is called, in processes of their own."""

import subprocess
import sys
import textwrap

import pytest


def run(code: str) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", textwrap.dedent(code)], check=True)


def test_a_module_is_imported_when_something_of_it_is_called() -> None:
    run(
        """
        import sys
        from blogops.late import late
        with late("colorsys"):
            from colorsys import rgb_to_hls
        assert "colorsys" not in sys.modules
        assert rgb_to_hls(0, 0, 0) == (0, 0, 0)
        assert sys.modules["colorsys"].rgb_to_hls is not rgb_to_hls
        """
    )


def test_one_that_is_there_already_stays() -> None:
    run(
        """
        import colorsys, sys
        from blogops.late import late
        with late("colorsys"):
            from colorsys import rgb_to_hls
        assert sys.modules["colorsys"] is colorsys and rgb_to_hls is colorsys.rgb_to_hls
        """
    )


def test_nothing_is_left_behind_by_an_import_that_fails() -> None:
    run(
        """
        import sys
        from blogops.late import late
        try:
            with late("colorsys"):
                import there_is_no_such_module
        except ImportError:
            pass
        import colorsys
        assert colorsys.rgb_to_hls(0, 0, 0) == (0, 0, 0)
        """
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        ("blogops.__main__", "unittest.mock", "Mock"),
        ("blogops.website.rst.stock", "PIL.Image", "Image"),
        ("blogops.website.rst.stock", "urllib.request", "Request"),
    ],
)
def test_others_get_the_module_itself(ours: str, theirs: str, told: str) -> None:
    run(f"import sys, {ours}\nassert {theirs!r} not in sys.modules")
    run(f"import {ours}, {theirs}\nassert isinstance({theirs}.{told}, type)")
