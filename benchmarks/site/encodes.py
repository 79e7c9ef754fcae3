"""``python encodes.py LOG WORD …``: blogops with those words, and a byte in LOG for an image.

Each image that is encoded makes one: it counts at the encoder, in whichever process pictures are made, and
wherever they are kept.
"""

import os
import sys
from typing import Any

from PIL import Image

from blogops.__main__ import main


def counted(log: str) -> None:
    """From now on, write a byte into *log* whenever Pillow encodes an image."""
    save = Image.Image.save
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def counting(self: Image.Image, *args: Any, **options: Any) -> None:
        os.write(file, b".")
        save(self, *args, **options)

    Image.Image.save = counting  # type: ignore[method-assign]


if __name__ == "__main__":
    counted(sys.argv.pop(1))
    main()
