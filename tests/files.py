"""Small files of every kind, made here and now: pictures with secrets in them, sounds, papers."""

from __future__ import annotations

import io
import struct
from typing import Any, Final

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SECRET: Final = "NOBODY-SHOULD-READ-THIS"  # noqa: S105 - of a person, not a password
ORIENTATION: Final = 0x0112
MAKE: Final = 0x010F
GPS: Final = 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (32, 16), **saved: Any) -> bytes:
    """A red picture whose left half is blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **saved)
    return out.getvalue()


def telling_picture(kind: str) -> bytes:
    """One that says where it was taken, lies on its side, and has something behind its end."""
    exif = Image.Exif()
    exif[MAKE] = SECRET
    exif[ORIENTATION] = 6
    exif[GPS] = {1: "N", 2: (29.0, 4.0, 48.0)}
    saved: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": SECRET.encode()}
    if kind == "PNG":
        words = PngInfo()
        words.add_text("Comment", SECRET)
        saved["pnginfo"] = words
    if kind == "JPEG":
        saved["comment"] = SECRET.encode()
    return picture(kind, **saved) + SECRET.encode()


def wav() -> bytes:
    """A hundredth of a second of silence."""
    samples = bytes(160)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8_000, 16_000, 2, 16)
    body = b"WAVE" + head + struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def box(name: bytes, *contents: bytes) -> bytes:
    inside = b"".join(contents)
    return struct.pack(">I4s", 8 + len(inside), name) + inside


def m4a(handler: bytes = b"soun") -> bytes:
    """The frame of an MPEG-4 file with one track, which says where it was recorded."""
    told = box(b"udta", box(b"\xa9xyz", SECRET.encode()))
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12))), told)
    return box(b"ftyp", b"M4A ", bytes(4)) + box(b"moov", track, told) + box(b"mdat", b"sound")


def ogg() -> bytes:
    return b"OggS" + bytes(24) + b"OpusHead" + bytes(11)


def webm(codec: bytes = b"A_OPUS") -> bytes:
    return b"\x1a\x45\xdf\xa3" + bytes(8) + b"\x42\x82\x84webm" + bytes(16) + b"\x86" + codec


def pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
