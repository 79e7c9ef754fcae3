# Each target is one line to a tool. Those that need more than Python install it first.
.PHONY: demo test lint reliability check-site screenshots bench bench-provision bench-site lock

demo:
	tools/demo

test:
	tools/install test && $(MAKE) --no-print-directory lint && .venv/bin/python tools/test

lint:
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

# Signals, cut connections, full disks, ... on a real Debian, and the page that tells of it. Five minutes.
NUMBERS = /tmp/blogops-reliability.json
reliability:
	tools/install test && BLOGOPS_RELIABILITY=$(NUMBERS) .venv/bin/pytest tests/vm/faults
	.venv/bin/python tests/vm/faults/report.py $(NUMBERS) docs/reliability.md

# The built example, measured by Lighthouse, axe, html-validate, the Nu checker and feed schemas: a minute or two.
check-site:
	tools/install check-site && .venv/bin/pytest checks

# Pictures of the example at three widths, light and dark: make screenshots OUT=/tmp/pictures
OUT = /tmp/blogops-screenshots
screenshots:
	tools/install check-site && .venv/bin/python -m checks.screenshots $(OUT)

bench:
	tools/install test && .venv/bin/python -m benchmarks

# Beside pyinfra and Ansible; they get a virtualenv of their own. About a quarter of an hour.
bench-provision:
	tools/install test && .venv/bin/python -m benchmarks.provisioning

# The builder beside Pelican and Nikola, in virtualenvs of their own, and Hugo. About half an hour.
bench-site:
	tools/install test && .venv/bin/python -m benchmarks.site

# What a server installs, by hash, without and with PDFs; needs uv (pip install uv).
lock:
	tools/lock server server-pdf
