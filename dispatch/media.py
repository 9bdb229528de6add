"""What an uploaded file is, by its content alone, and what is taken out before it is kept.

Pure. Pictures are decoded and written anew: what was in them besides the picture (place, device,
thumbnail, anything appended) does not come through. Neither names nor headers are ever asked.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from PIL import Image, ImageCms, ImageOps

from dispatch.errors import InvalidFields, UnsupportedFile

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
WEBP: Final = "image/webp"
PDF: Final = "application/pdf"
M4A: Final = "audio/mp4"
OGG: Final = "audio/ogg"
WEBM: Final = "audio/webm"
WAV: Final = "audio/wav"

PICTURES: Final = (JPEG, PNG, WEBP)
SOUNDS: Final = (M4A, OGG, WEBM, WAV)
EXTENSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {JPEG: "jpg", PNG: "png", WEBP: "webp", PDF: "pdf", M4A: "m4a", OGG: "ogg", WEBM: "webm",
     WAV: "wav"}
)  # fmt: skip

QUALITY: Final = 92
SRGB: Final = ImageCms.createProfile("sRGB")
# Where a PDF's end mark must stand, and how much of a stream tells what it holds.
TAIL_BYTES: Final = 2_048
HEAD_BYTES: Final = 65_536
# Boxes of an MPEG-4 file that hold others, and those that hold words, places, covers.
NESTS: Final = frozenset({b"moov", b"trak", b"mdia"})
WORDS: Final = frozenset({b"udta", b"meta", b"uuid"})
BOX_HEAD: Final = struct.Struct(">I4s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file as it is kept."""

    media_type: str
    data: bytes


def clean(raw: bytes, accepted: tuple[str, ...], *, pixels_max: int) -> Media:
    """The file as it is to be kept.

    Raises `UnsupportedFile` for content of another type than those accepted, and `InvalidFields`
    for a picture or recording that is broken or too large.
    """
    found = next((name for name, is_it in SIGNS.items() if is_it(raw)), None)
    if found not in accepted:
        raise UnsupportedFile(media_types=list(accepted), found=found)
    match found:
        case "image/jpeg" | "image/png" | "image/webp":
            return Media(media_type=found, data=_picture(raw, found, pixels_max))
        case "audio/mp4":
            return Media(media_type=found, data=_without_words(raw))
        case _:
            return Media(media_type=found, data=raw)


def _is_mp4_sound(raw: bytes) -> bool:
    if raw[4:8] != b"ftyp":
        return False
    tracks = {raw[start + 8 : start + 12] for _, name, start, _ in _boxes(raw) if name == b"hdlr"}
    return b"soun" in tracks and b"vide" not in tracks


def _is_webm_sound(raw: bytes) -> bool:
    head = raw[:HEAD_BYTES]
    if raw[:4] != b"\x1a\x45\xdf\xa3" or b"webm" not in head[:128]:
        return False
    return (b"A_OPUS" in head or b"A_VORBIS" in head) and b"V_" not in head[:2_048]


def _is_ogg_sound(raw: bytes) -> bool:
    return raw[:4] == b"OggS" and (b"OpusHead" in raw[:128] or b"\x01vorbis" in raw[:128])


SIGNS: Final[Mapping[str, Callable[[bytes], bool]]] = MappingProxyType(
    {
        JPEG: lambda raw: raw[:3] == b"\xff\xd8\xff",
        PNG: lambda raw: raw[:8] == b"\x89PNG\r\n\x1a\n",
        WEBP: lambda raw: raw[:4] == b"RIFF" and raw[8:12] == b"WEBP",
        PDF: lambda raw: raw[:5] == b"%PDF-" and b"%%EOF" in raw[-TAIL_BYTES:],
        WAV: lambda raw: raw[:4] == b"RIFF" and raw[8:16] == b"WAVEfmt ",
        OGG: _is_ogg_sound,
        WEBM: _is_webm_sound,
        M4A: _is_mp4_sound,
    }
)


def _picture(raw: bytes, media_type: str, pixels_max: int) -> bytes:
    """The picture's first frame, upright and in sRGB, without anything beside it."""
    kind = media_type.removeprefix("image/").upper()
    out = io.BytesIO()
    try:
        with Image.open(io.BytesIO(raw), formats=(kind,)) as opened:
            # The header alone has been read; what it announces decides whether to decode.
            if opened.width * opened.height > pixels_max:
                raise InvalidFields((("body", "file"), "picture_too_large"), pixels_max=pixels_max)
            opened.seek(0)
            picture = ImageOps.exif_transpose(opened)
            plain = _in_srgb(picture, opened.info.get("icc_profile"), keep_alpha=kind != "JPEG")
        plain.info.clear()
        if kind == "PNG":
            plain.save(out, "PNG")
        else:
            plain.save(out, kind, quality=QUALITY)
    except InvalidFields:
        raise
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError):
        raise InvalidFields((("body", "file"), "picture_unreadable")) from None
    return out.getvalue()


def _in_srgb(picture: Image.Image, profile: bytes | None, *, keep_alpha: bool) -> Image.Image:
    """The same colours without a profile, which is a file of its own that somebody else wrote."""
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    if profile and picture.mode in ("RGB", "L", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            picture = ImageCms.profileToProfile(picture, source, SRGB, outputMode="RGB") or picture
        except (ImageCms.PyCMSError, OSError):
            pass
    picture = picture.convert("L" if picture.mode in ("1", "L") else "RGB")
    if alpha is not None and keep_alpha:
        picture.putalpha(alpha)
    return picture


def _without_words(raw: bytes) -> bytes:
    """An MPEG-4 sound file whose boxes of words are blanked; nothing in it moves."""
    kept = bytearray(raw)
    for at, name, start, end in _boxes(raw):
        if name in WORDS:
            kept[at + 4 : at + 8] = b"free"
            kept[start:end] = bytes(end - start)
    return bytes(kept)


def _boxes(raw: bytes) -> Iterator[tuple[int, bytes, int, int]]:
    """Place, name, and start and end of the contents of every box, as far as they make sense."""
    spans = [(0, len(raw))]
    while spans:
        at, until = spans.pop()
        while at + BOX_HEAD.size <= until:
            size, name = BOX_HEAD.unpack_from(raw, at)
            if size == 1 and at + 16 <= until:
                start, end = at + 16, at + int.from_bytes(raw[at + 8 : at + 16])
            else:
                start, end = at + BOX_HEAD.size, at + size if size else until
            if not start <= end <= until:
                break
            yield at, name, start, end
            if name in NESTS:
                spans.append((start, end))
            at = end
