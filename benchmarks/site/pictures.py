"""Pictures that are the same on each run: ten small ones that posts share, and photos, all different."""

from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from benchmarks.site.words import drawn

_SMALL = (480, 300)
_PHOTO = (1600, 1067)
_COARSE = ((12, 8), (160, 107))  # of the noise that is blown up to a photo
NAMES = (*(f"chart-{number}.png" for number in range(7)), *(f"view-{number}.jpg" for number in range(3)))


def small(folder: Path, seed: int) -> None:
    """Write the ten pictures of `NAMES` into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        random = drawn(seed, name)
        if name.endswith(".png"):
            _chart(random).save(folder / name, optimize=True)
        else:
            _photo(random, _SMALL).save(folder / name, quality=85)


def photo(path: Path, seed: int) -> None:
    """Write a JPEG of 1600x1067 pixels that looks like nothing, and is as hard to compress as a photo."""
    _photo(drawn(seed, path.name), _PHOTO).save(path, quality=88)


def _chart(random: Random) -> Image.Image:
    image = Image.new("RGB", _SMALL, "white")
    draw = ImageDraw.Draw(image)
    width, height = _SMALL
    for x in range(20, width - 20, 40):
        colour = random.choice(("#1d4e89", "#9a3412", "#3f6212"))
        draw.rectangle((x, random.randint(20, height - 40), x + 28, height - 20), fill=colour)
    draw.line((10, height - 20, width - 10, height - 20), fill="black", width=2)
    return image


def _photo(random: Random, size: tuple[int, int]) -> Image.Image:
    shades = [_blown_up(random, coarse, size) for coarse in _COARSE]
    return Image.blend(shades[0], shades[1], 0.15)


def _blown_up(random: Random, coarse: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    noise = Image.frombytes("RGB", coarse, random.randbytes(3 * coarse[0] * coarse[1]))
    return noise.resize(size, Image.Resampling.BICUBIC)
