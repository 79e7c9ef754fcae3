"""``python -m blogops``."""

from blogops.cli import main

main()
