"""What a file is, is told by its content; of a picture, only the picture is kept."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from dispatch import media
from dispatch.errors import InvalidFields, UnsupportedFile
from tests import files

EVERYTHING = (*media.PICTURES, *media.SOUNDS, media.PDF)
LIMIT = 10_000


def cleaned(raw: bytes, accepted: tuple[str, ...] = EVERYTHING) -> media.Media:
    return media.clean(raw, accepted, pixels_max=LIMIT)


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (files.picture("JPEG"), media.JPEG),
        (files.picture("PNG"), media.PNG),
        (files.picture("WEBP"), media.WEBP),
        (files.pdf(), media.PDF),
        (files.wav(), media.WAV),
        (files.m4a(), media.M4A),
        (files.ogg(), media.OGG),
        (files.webm(), media.WEBM),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_kind_is_told_by_its_content(raw: bytes, media_type: str) -> None:
    assert cleaned(raw).media_type == media_type
    others = tuple(kind for kind in EVERYTHING if kind != media_type)
    with pytest.raises(UnsupportedFile) as refusal:
        cleaned(raw, others)
    assert refusal.value.extras["media_types"] == list(others)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"MZ" + bytes(100),
        b"GIF89a" + bytes(100),
        b"%PDF-1.7 without an end",
        files.m4a(handler=b"vide"),
        files.webm(codec=b"V_VP9 A_OPUS"),
        # HEIC: a photo box of an iPhone.
        files.box(b"ftyp", b"heic", bytes(4)) + files.box(b"meta", bytes(8)),
    ],
)
def test_what_is_none_of_them_is_refused(raw: bytes) -> None:
    with pytest.raises(UnsupportedFile):
        cleaned(raw)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_of_a_picture_only_the_picture_is_kept_and_it_stands_upright(kind: str) -> None:
    raw = files.telling_picture(kind)
    assert files.SECRET.encode() in raw
    kept = cleaned(raw).data
    assert files.SECRET.encode() not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.format == kind
        assert not dict(picture.getexif())
        assert "icc_profile" not in picture.info
        # 32 × 16 on its side; turned clockwise, the left half is at the top.
        assert picture.size == (16, 32)
        top, bottom = (picture.convert("RGB").getpixel((8, y)) for y in (4, 28))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[2] > 200 > 60 > top[0]
    assert bottom[0] > 200 > 60 > bottom[2]


def test_a_wide_gamut_becomes_srgb_and_transparency_stays() -> None:
    image = Image.new("RGBA", (4, 4), (255, 0, 0, 128))
    out = io.BytesIO()
    image.save(out, "PNG")
    with Image.open(io.BytesIO(cleaned(out.getvalue()).data)) as picture:
        assert picture.mode == "RGBA"
        assert picture.getpixel((0, 0)) == (255, 0, 0, 128)


def test_a_place_told_in_a_sound_file_is_blanked_and_nothing_moves() -> None:
    raw = files.m4a()
    kept = cleaned(raw).data
    assert files.SECRET.encode() in raw
    assert files.SECRET.encode() not in kept
    assert len(kept) == len(raw)
    assert kept.index(b"sound", 30) == raw.index(b"sound", 30)
    assert cleaned(kept).data == kept


def test_a_bomb_is_refused_by_its_header_and_a_broken_picture_by_decoding_it() -> None:
    with pytest.raises(InvalidFields) as refusal:
        cleaned(files.picture("PNG", (101, 100)))
    assert refusal.value.extras["errors"] == [{"loc": ["body", "file"], "msg": "picture_too_large"}]
    assert cleaned(files.picture("PNG", (100, 100))).data
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = files.picture(kind, (64, 64))
        with pytest.raises(InvalidFields) as refusal:
            cleaned(whole[: len(whole) // 2])
        assert refusal.value.extras["errors"] == [
            {"loc": ["body", "file"], "msg": "picture_unreadable"}
        ]
