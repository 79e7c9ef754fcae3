# Each target is one line to a tool. `make demo` and `make test` install what they need first.
.PHONY: demo test lint bench bench-provision lock

demo:
	tools/demo

test:
	tools/install test && $(MAKE) --no-print-directory lint && .venv/bin/pytest

lint:
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

bench:
	tools/install test && .venv/bin/python -m benchmarks

# Beside pyinfra and Ansible; they get a virtualenv of their own. About a quarter of an hour.
bench-provision:
	tools/install test && .venv/bin/python -m benchmarks.provisioning

# What a server installs, by hash; needs uv (pip install uv).
lock:
	cd blogops/provision && uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" server.in --output-file server.lock
