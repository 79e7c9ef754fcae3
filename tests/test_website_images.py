"""Images: real files of every kind that a camera, a telephone or a drawing program makes."""

import io
import os
import re
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from blogops.config.schema import Images
from blogops.website.images.kept import prepare, prune
from blogops.website.images.opening import BadImage, size
from blogops.website.images.tag import markup
from blogops.website.model import Picture, Variant

SECRET = b"48.8583 N, Jeanne's telephone"
OPTIONS = Images()
SMALL = Images(widths=(100, 200))


def photo(width: int, height: int) -> Image.Image:
    """Return something that compresses like a photo: soft shapes under a little noise, the same each time."""
    step = 31
    coarse = bytes(
        (x * x * step + y * 57 + c * 91) % 256 for y in range(12) for x in range(16) for c in range(3)
    )
    soft = Image.frombytes("RGB", (16, 12), coarse).resize((width, height), Image.Resampling.BICUBIC)
    grain = bytes((index * index * 7 + index * 13) % 251 for index in range(width * height))
    return Image.blend(soft, Image.frombytes("L", (width, height), grain).convert("RGB"), 0.1)


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = SECRET.decode()
    tags.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 29: SECRET.decode()})
    return tags


def marked(width: int, height: int) -> Image.Image:
    """Return an image whose upper left corner is red, the upper right green, the lower left blue."""
    image = Image.new("RGB", (width, height), "white")
    for colour, place in (("red", (0, 0)), ("lime", (width // 2, 0)), ("blue", (0, height // 2))):
        image.paste(colour, (*place, place[0] + width // 2, place[1] + height // 2))
    return image


def turned_away(image: Image.Image, orientation: int) -> Image.Image:
    """Return the stored pixels that *orientation* turns back into *image* (EXIF 2.32, table 6)."""
    turn = Image.Transpose
    undo = {2: turn.FLIP_LEFT_RIGHT, 3: turn.ROTATE_180, 4: turn.FLIP_TOP_BOTTOM, 5: turn.TRANSPOSE}
    undo |= {6: turn.ROTATE_90, 7: turn.TRANSVERSE, 8: turn.ROTATE_270}
    return image.transpose(undo[orientation]) if orientation > 1 else image


def corners(path: Path) -> list[tuple[int, ...]]:
    with Image.open(path) as image:
        plain = image.convert("RGB")
    width, height = plain.size
    points = ((width // 4, height // 4), (3 * width // 4, height // 4), (width // 4, 3 * height // 4))
    found = [plain.getpixel(point) for point in points]
    return [tuple(round(value / 255) for value in pixel) for pixel in found if isinstance(pixel, tuple)]


def prepared(path: Path, options: Images = OPTIONS) -> Picture:
    return prepare(path, f"/images/{path.name}", path.parent / "cache", options)


def writes(cache: Path) -> dict[Path, int]:
    return {path: path.stat().st_ino for path in cache.rglob("*") if path.is_file()}


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "avif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_is_published_is_upright_and_says_nothing(tmp_path: Path, suffix: str, orientation: int) -> None:
    path = tmp_path / f"a.{suffix}"
    xmp = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    stored = turned_away(marked(120, 80), orientation)
    stored.save(path, None, quality=90, exif=exif(orientation), xmp=xmp)
    assert SECRET in path.read_bytes()
    picture = prepared(path, SMALL)
    assert size(path) == (120, 80) == (picture.width, picture.height)
    for file in (picture.bytes_path, *(variant.path for variant in picture.variants)):
        assert SECRET not in file.read_bytes()
        assert corners(file) == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
        with Image.open(file) as image:
            assert not image.getexif()
            ratio = image.width / image.height
            assert abs(ratio - 1.5) < 0.02


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_upright_pixels_are_never_encoded_again(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    photo(300, 200).save(path, quality=60, exif=exif(), progressive=True)
    published = prepared(path).bytes_path
    assert published != path
    with Image.open(path) as before, Image.open(published) as after:
        assert before.tobytes() == after.tobytes()


def test_a_turned_jpeg_looks_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    turned_away(photo(320, 240), 6).save(path, quality=80, subsampling="4:2:2", exif=exif(6))
    with Image.open(path) as before, Image.open(prepared(path).bytes_path) as after:
        wanted = before.transpose(Image.Transpose.ROTATE_270).convert("L").tobytes()
        off = [abs(one - other) for one, other in zip(wanted, after.convert("L").tobytes(), strict=True)]
    assert sum(off) / len(off) < 1.5


def test_a_file_with_nothing_to_hide_is_published_as_it_is(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for suffix in ("jpg", "png", "webp", "gif", "avif"):
        path = tmp_path / f"a.{suffix}"
        photo(60, 40).save(path, icc_profile=profile)
        assert prepared(path).bytes_path == path, suffix


def test_the_colour_profile_stays(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for suffix in ("jpg", "png", "webp"):
        path = tmp_path / f"a.{suffix}"
        photo(300, 200).save(path, quality=90, icc_profile=profile, exif=exif(6))
        picture = prepared(path, SMALL)
        for file in (picture.bytes_path, *(variant.path for variant in picture.variants)):
            with Image.open(file) as image:
                assert image.info["icc_profile"] == profile, file


def test_what_hides_in_odd_places_goes(tmp_path: Path) -> None:
    jpeg = tmp_path / "a.jpg"
    photo(60, 40).save(jpeg, comment=SECRET)
    note = b"\xff\xed" + struct.pack(">H", len(SECRET) + 2) + SECRET
    data = jpeg.read_bytes()
    jpeg.write_bytes(data[:2] + note + data[2:] + SECRET)
    png = tmp_path / "a.png"
    said = PngImagePlugin.PngInfo()
    said.add_text("Author", SECRET.decode())
    said.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    photo(60, 40).save(png, pnginfo=said)
    png.write_bytes(png.read_bytes() + SECRET)
    gif = tmp_path / "a.gif"
    marked(60, 40).save(gif, comment=SECRET)
    for path in (jpeg, png, gif):
        assert SECRET in path.read_bytes()
        assert SECRET not in prepared(path).bytes_path.read_bytes()
        assert corners(prepared(path).bytes_path) == corners(path)


def test_the_second_picture_of_a_telephone_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    second = photo(50, 50)
    photo(300, 200).save(path, format="MPO", save_all=True, append_images=[second], quality=90)
    picture = prepared(path)
    assert b"MPF\0" not in picture.bytes_path.read_bytes()
    with Image.open(picture.bytes_path) as image:
        assert (image.format, image.size) == ("JPEG", (300, 200))


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_what_moves_still_moves_and_has_no_variants(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    frames = [marked(300, 200), photo(300, 200), marked(300, 200).rotate(180)]
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=70, loop=0, comment=SECRET, exif=exif()
    )
    picture = prepared(path, SMALL)
    assert SECRET not in picture.bytes_path.read_bytes()
    assert picture.variants == ()
    with Image.open(picture.bytes_path) as after, Image.open(path) as before:
        assert [getattr(image, "n_frames", 0) for image in (before, after)] == [3, 3]
        assert after.info.get("loop") == before.info.get("loop") == 0
        for frame in range(3):
            after.seek(frame)
            before.seek(frame)
            assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()


def test_variants_of_a_photo(tmp_path: Path) -> None:
    path = tmp_path / "Été à la ferme (1).jpg"
    photo(900, 600).save(path, quality=92)
    picture = prepare(path, "/images/%C3%89t%C3%A9%20%C3%A0%20la%20ferme%20(1).jpg", tmp_path / "c", OPTIONS)
    assert [(one.type, one.width) for one in picture.variants] == [
        (kind, width) for kind in ("image/avif", "image/webp") for width in (900, 480)
    ]
    for variant in picture.variants:
        ending = variant.type.removeprefix("image/")
        assert re.fullmatch(rf"/media/ete-a-la-ferme-1-{variant.width}\.[0-9a-f]{{8}}\.{ending}", variant.url)
        assert variant.path.stat().st_size < path.stat().st_size
        with Image.open(variant.path) as image:
            assert (image.size, image.get_format_mimetype()) == (
                (variant.width, round(variant.width * 2 / 3)),
                variant.type,
            )


def test_no_variants_where_they_are_not_wanted(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    photo(600, 400).save(path, quality=92)
    assert prepared(path, Images(variants=False)).variants == ()
    assert {one.width for one in prepared(path, Images(widths=())).variants} == {600}


def test_a_drawing_stays_sharp(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    marked(900, 600).quantize(16).save(path)
    with Image.open(path) as before:
        wanted = before.convert("RGB").tobytes()
    picture = prepared(path)
    assert {one.type for one in picture.variants} <= {"image/webp"}
    for variant in picture.variants:
        if variant.width == 900:
            with Image.open(variant.path) as after:
                assert after.convert("RGB").tobytes() == wanted


def test_a_drawing_that_would_grow_has_no_variant(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("1", (500, 500)).save(path, optimize=True)
    assert all(one.path.stat().st_size < path.stat().st_size for one in prepared(path).variants)


def test_a_modern_image_is_the_widest_of_its_own_kind(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    photo(900, 600).save(path, quality=70)
    own = [one for one in prepared(path).variants if one.type == "image/webp"]
    assert [one.width for one in own] == [900, 480]
    assert (own[0].url, own[0].path) == ("/images/a.webp", path)


def odd(path: Path, mode: str) -> None:
    base = photo(300, 200)
    if mode == "16":
        grey = base.convert("L")
        wide = b"".join(struct.pack("<H", value * 256 + 128) for value in grey.tobytes())
        Image.frombytes("I;16", grey.size, wide).save(path)
    elif mode == "RGBA":
        base.putalpha(Image.linear_gradient("L").resize(base.size))
        base.save(path)
    elif mode == "P transparent":
        base.quantize(64).save(path, transparency=3)
    else:
        base.convert(mode).save(path, quality=95)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("CMYK", "jpg"), ("L", "jpg"), ("16", "png"), ("RGBA", "png"), ("P transparent", "png"), ("1", "png")],
)
def test_variants_of_odd_kinds_of_pixels_show_the_same(tmp_path: Path, mode: str, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    odd(path, mode)
    with Image.open(path) as image:
        seen = (
            image.convert("RGBA")
            if mode != "16"
            else image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGBA")
        )
    wanted = seen.resize((8, 8), Image.Resampling.BOX).tobytes()
    for variant in prepared(path, SMALL).variants:
        with Image.open(variant.path) as image:
            small = image.convert("RGBA").resize((8, 8), Image.Resampling.BOX).tobytes()
        off = [abs(one - other) for one, other in zip(wanted, small, strict=True)]
        assert sum(off) / len(off) < 8, variant
    assert prepared(path, SMALL).bytes_path == path


@pytest.mark.parametrize("mode", ["CMYK", "L", "16", "RGBA"])
def test_odd_kinds_have_variants_at_all(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.jpg" if mode in ("CMYK", "L") else "a.png")
    odd(path, mode)
    assert prepared(path, SMALL).variants


def test_a_profile_of_greys_does_not_go_into_a_colour_image(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[16:20] = b"GRAY"
    photo(300, 200).convert("L").save(path, quality=95, icc_profile=bytes(profile))
    assert prepared(path, SMALL).variants
    for variant in prepared(path, SMALL).variants:
        with Image.open(variant.path) as image:
            assert "icc_profile" not in image.info


def test_an_unchanged_image_is_not_looked_into_again(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    photo(600, 400).save(path, quality=92, exif=exif(6))
    first = prepared(path)
    before = writes(tmp_path / "cache")
    assert len(before) == 2 + len(first.variants)
    os.utime(path, (1, 1))
    assert prepared(path) == first
    assert writes(tmp_path / "cache") == before
    prepared(path, Images(widths=(300,)))
    assert len(writes(tmp_path / "cache")) > len(before)


def test_the_same_image_gives_the_same_bytes_elsewhere(tmp_path: Path) -> None:
    found = []
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "a.jpg"
        photo(600, 400).save(path, quality=92, exif=exif(6))
        picture = prepared(path)
        files = (picture.bytes_path, *(variant.path for variant in picture.variants))
        found.append(([one.url for one in picture.variants], [file.read_bytes() for file in files]))
    assert found[0] == found[1]


@pytest.mark.parametrize("harm", ["cut", "change", "empty", "remove"])
def test_a_damaged_cache_is_made_again(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "a.jpg"
    photo(240, 160).save(path, quality=92, exif=exif())
    first = prepared(path, SMALL)
    whole = {file: file.read_bytes() for file in writes(tmp_path / "cache")}
    for file, data in whole.items():
        changed = bytes((data[0] ^ 1,)) + data[1:]
        file.write_bytes({"cut": data[:-1], "change": changed, "empty": b""}.get(harm, b""))
        if harm == "remove":
            file.unlink()
        assert prepared(path, SMALL) == first
        assert {other: other.read_bytes() for other in writes(tmp_path / "cache")} == whole


def test_prune_keeps_what_is_used(tmp_path: Path) -> None:
    kept, gone = tmp_path / "a.jpg", tmp_path / "b.jpg"
    photo(300, 200).save(kept, quality=92, exif=exif())
    photo(300, 210).save(gone, quality=92, exif=exif())
    picture = prepared(kept)
    before = writes(tmp_path / "cache")
    prepared(gone)
    assert len(writes(tmp_path / "cache")) > len(before)
    prune(tmp_path / "cache", [picture])
    assert writes(tmp_path / "cache") == before


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (40_000, 20_000)])
def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(bomb(width, height))
    assert path.stat().st_size < 200_000
    with pytest.raises(BadImage, match="more than 89 million pixels"):
        prepared(path)
    assert size(path) is None


@pytest.mark.parametrize("suffix", ["jpg", "png", "gif", "webp", "avif"])
@pytest.mark.parametrize("part", [0, 1, 10, 30, 50, 90])
def test_what_is_cut_off_is_a_bad_image(tmp_path: Path, suffix: str, part: int) -> None:
    path = tmp_path / f"a.{suffix}"
    photo(200, 150).save(path, exif=exif())
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * part // 100])
    with pytest.raises(BadImage, match="image"):
        prepared(path)
    size(path)


def test_every_cut_of_a_small_file_is_borne(tmp_path: Path) -> None:
    for suffix in ("jpg", "png", "gif", "webp"):
        path = tmp_path / f"a.{suffix}"
        marked(16, 16).save(path, exif=exif(6))
        data = path.read_bytes()
        for length in range(0, len(data), 3):
            path.write_bytes(data[:length])
            size(path)
            try:
                prepared(path)
            except BadImage as error:
                assert str(error)


@pytest.mark.parametrize(("name", "data"), [("a.png", b"<html>"), ("a.jpg", b""), ("a.tif", b"II*\0")])
def test_what_is_no_image(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(BadImage, match="no image"):
        prepared(path)
    assert size(path) is None


def test_tiff_is_not_for_the_web(tmp_path: Path) -> None:
    photo(20, 20).save(tmp_path / "a.tiff")
    with pytest.raises(BadImage, match="browsers"):
        prepared(tmp_path / "a.tiff")


def test_what_is_not_there() -> None:
    assert size(Path("/nowhere/a.png")) is None
    with pytest.raises(BadImage, match="cannot be read"):
        prepare(Path("/nowhere/a.png"), "/a.png", Path("/nowhere/cache"), OPTIONS)


def test_the_size_is_read_from_the_head(tmp_path: Path) -> None:
    """A file cut off behind its head has a size all the same."""
    for suffix in ("jpg", "png", "gif", "webp"):
        whole = io.BytesIO()
        photo(600, 400).save(whole, "JPEG" if suffix == "jpg" else suffix.upper(), exif=exif(6))
        path = tmp_path / f"a.{suffix}"
        path.write_bytes(whole.getvalue()[:2500])
        assert size(path) in ((600, 400), (400, 600)) or suffix == "webp"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('<svg width="30" height="20"/>', (30, 20)),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="30px" height="2e1"/>', (30, 20)),
        ('<?xml version="1.0" encoding="UTF-16"?><svg width="30" height="20"/>', None),
        ('<svg width="1in" height="2.54cm"/>', (96, 96)),
        ('<svg width="3pc" height="36pt"/>', (48, 48)),
        ('<svg viewBox="0 0 300 200"/>', (300, 200)),
        ('<svg viewBox="0,0,300.4,200"/>', (300, 200)),
        ('<svg width="150" viewBox="0 0 300 200"/>', (150, 100)),
        ('<svg height="100" viewBox="0 0 300 200"/>', (150, 100)),
        ('<svg width="100%" height="100%" viewBox="0 0 300 200"/>', (300, 200)),
        ('<svg width="100%" height="100%"/>', None),
        ('<svg width="-3" height="4"/>', None),
        ('<svg width="0" height="0"/>', None),
        ('<svg width="9e99" height="1"/>', None),
        ("<svg/>", None),
        ("<html width='3' height='4'/>", None),
        ("<svg width='3'", None),
        ("", None),
        ('<!-- by hand --><!DOCTYPE svg><svg width="3" height="4"><script>1</script>', (3, 4)),
        (
            '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]>'
            '<svg xmlns="&ns;" width="3" height="4"/>',
            (3, 4),
        ),
        (f'<!DOCTYPE svg [<!ENTITY l0 "9">{LAUGHS}]><svg width="&l9;" height="4"/>', None),
        ('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg width="3" height="4">&x;</svg>', None),
    ],
)
def test_the_size_of_an_svg(tmp_path: Path, text: str, wanted: tuple[int, int] | None) -> None:
    path = tmp_path / "a.svg"
    path.write_text(text, encoding="utf-8")
    assert size(path) == wanted
    picture = prepared(path)
    assert (picture.width, picture.height) == (wanted or (0, 0))
    assert (picture.bytes_path, picture.variants) == (path, ())


PLAIN = Picture(1200, 800, Path("a"), ())
NARROW = Picture(300, 200, Path("a"), (Variant("/media/a-300.0.webp", Path("b"), 300, "image/webp"),))
LATER = 'loading="lazy" decoding="async">'


@pytest.mark.parametrize(
    ("tag", "wanted"),
    [
        ('<img alt="A" src="/a.jpg" />', f'<img alt="A" src="/a.jpg" width="1200" height="800" {LATER}'),
        (
            '<img alt="&quot;x&quot; &lt;b&gt;" class="align-left" src="/a.jpg?a=1&amp;b=2" width="300" />\n',
            '<img alt="&quot;x&quot; &lt;b&gt;" class="align-left" src="/a.jpg?a=1&amp;b=2" width="300" '
            f'height="200" {LATER}',
        ),
        ('<img alt="" src="/a" height="100">', f'<img alt="" src="/a" height="100" width="150" {LATER}'),
        (
            '<img alt="" src="/a" width="9" height="9">',
            f'<img alt="" src="/a" width="9" height="9" {LATER}',
        ),
        (
            '<img alt="" src="/a" style="width: 600px;">',
            f'<img alt="" src="/a" width="600" height="400" {LATER}',
        ),
        (
            '<img alt="" src="/a" style="width: 50%;">',
            f'<img alt="" src="/a" style="width: 50%;" width="1200" height="800" {LATER}',
        ),
        (
            '<img alt="" src="/a" style="height: 5em;">',
            f'<img alt="" src="/a" style="height: 5em;" {LATER}',
        ),
        (
            '<img alt="" loading="lazy" src="/a">',
            '<img alt="" loading="lazy" src="/a" width="1200" height="800" decoding="async">',
        ),
    ],
)
def test_the_tag(tag: str, wanted: str) -> None:
    assert markup(tag, PLAIN, first=False) == wanted


def test_the_tag_of_an_image_without_a_size() -> None:
    found = markup('<img alt="" src="/a.svg" />', Picture(0, 0, Path("a"), ()), first=True)
    assert found == '<img alt="" src="/a.svg" loading="eager" decoding="async">'


def test_the_tag_of_an_image_with_variants(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    photo(900, 600).save(path, quality=92)
    picture = prepared(path)
    found = markup('<img alt="A" src="/images/a.jpg" />', picture, first=True)
    order = ("image/avif", "image/webp")
    sources = re.findall(r'<source type="([^"]+)" srcset="([^"]+)" sizes="([^"]+)">', found)
    assert [kind for kind, _, _ in sources] == list(order)
    for kind, srcset, sizes in sources:
        urls = {one.width: one.url for one in picture.variants if one.type == kind}
        assert srcset == ", ".join(f"{urls[width]} {width}w" for width in (480, 900))
        assert sizes == "(min-width: 40rem) 40rem, 100vw"
    assert found.startswith("<picture><source ")
    assert found.endswith(
        '<img alt="A" src="/images/a.jpg" width="900" height="600" loading="eager" decoding="async">'
        "</picture>"
    )


def test_a_narrow_image_asks_for_no_more_than_it_shows() -> None:
    assert 'sizes="(min-width: 300px) 300px, 100vw"' in markup('<img src="/a">', NARROW, first=False)
