"""``python -m benchmarks.pelican_parity``: see benchmarks/parity."""

import sys

from benchmarks.parity.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
