"""The built example, measured with the real tools: `make check-site`; docs/checks.md says what."""
