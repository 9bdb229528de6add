"""The built clients as static files: read once at start, answered from memory.

It knows no client from the inside and opens no file by a name that a request brings.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

import orjson
import structlog
from aiohttp import hdrs, web

from api import language
from api.language import Texts
from config.settings import EVERY_HOST, Settings

log = structlog.get_logger()

BUILT: Final = Path(__file__).resolve().parent.parent / "web" / "dist"
CLIENTS: Final = ("patient", "nurse", "operator")
# Names under this folder carry a hash of what is in them.
HASHED: Final = "assets"
PACKED: Final = {".br": "br", ".gz": "gzip"}
FOREVER: Final = "public, max-age=31536000, immutable"
ASK_EACH_TIME: Final = "no-cache"
SETTINGS_MARK: Final = b"<!--settings-->"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file in the codings that it was packed in; `""` is the file as it is."""

    bodies: Mapping[str, bytes]
    content_type: str
    cache: str
    tag: str

    def chosen(self, accepted: str) -> tuple[str, bytes]:
        """The smallest coding that the client takes."""
        taken = {part.partition(";")[0].strip().lower() for part in accepted[:512].split(",")}
        for coding in PACKED.values():
            if coding in taken and coding in self.bodies:
                return coding, self.bodies[coding]
        return "", self.bodies[""]


def install(app: web.Application, settings: Settings, texts: Texts) -> None:
    """Answer `/patient/`, `/nurse/` and `/operator/`; without a build, say so there."""
    folder = settings.clients_dir or BUILT
    files = dict(_read(folder, settings))
    if "index.html" not in files:
        log.warning("the clients are not built; `make web` builds them", folder=str(folder))
        _tell_unbuilt(app, texts)
        return
    headers = _headers(settings)

    async def answer(request: web.Request) -> web.Response:
        name = request.path.lstrip("/") or "index.html"
        file = files.get(name) or files.get(_page_of(name))
        if file is None:
            raise web.HTTPNotFound
        return _respond(request, file, headers)

    app.router.add_get("/", answer)
    app.router.add_get("/worker.js", answer)
    app.router.add_get(f"/{HASHED}/{{file}}", answer)
    for client in CLIENTS:
        app.router.add_get(f"/{client}", _with_slash)
        app.router.add_get(f"/{client}/{{view:.*}}", answer)


def _page_of(name: str) -> str:
    """A view of a client is shown by its one page; a file that is not there is no view."""
    client, _, view = name.partition("/")
    is_view = client in CLIENTS and not PurePosixPath(view).suffix
    return f"{client}/index.html" if is_view else ""


def _respond(request: web.Request, file: File, headers: Mapping[str, str]) -> web.Response:
    coding, body = file.chosen(request.headers.get(hdrs.ACCEPT_ENCODING, ""))
    own = {
        hdrs.CONTENT_TYPE: file.content_type,
        hdrs.CACHE_CONTROL: file.cache,
        hdrs.ETAG: f'W/"{file.tag}"',
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
        **(headers if file.content_type.startswith("text/html") else {}),
    }
    if f'"{file.tag}"' in request.headers.get(hdrs.IF_NONE_MATCH, ""):
        return web.Response(status=304, headers=own)
    if coding:
        own[hdrs.CONTENT_ENCODING] = coding
    return web.Response(body=body, headers=own)


def _read(folder: Path, settings: Settings) -> Iterator[tuple[str, File]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in PACKED:
            continue
        name = path.relative_to(folder).as_posix()
        body = path.read_bytes()
        bodies = {"": body}
        if path.suffix == ".html":
            bodies[""] = body.replace(SETTINGS_MARK, _told(settings))
        else:
            for suffix, coding in PACKED.items():
                packed = path.with_name(path.name + suffix)
                if packed.exists():
                    bodies[coding] = packed.read_bytes()
        yield (
            name,
            File(
                bodies=bodies,
                content_type=_type_of(path),
                cache=FOREVER if name.startswith(f"{HASHED}/") else ASK_EACH_TIME,
                tag=hashlib.blake2b(bodies[""], digest_size=12).hexdigest(),
            ),
        )


def _type_of(path: Path) -> str:
    match path.suffix:
        case ".js":
            return "text/javascript; charset=utf-8"
        case ".webmanifest":
            return "application/manifest+json"
        case _:
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _told(settings: Settings) -> bytes:
    """What a client must know before it can ask: a data block, which no browser runs."""
    told = {
        "demo": settings.demo,
        "cancel_free_h": settings.cancel_free_h,
        "cancel_fee_percent": settings.cancel_fee_percent,
        "geofence_m": settings.geofence_m,
        "dwell_min_percent": settings.dwell_min_percent,
        "promise_min": {
            "routine": settings.promise_routine_min,
            "soon": settings.promise_soon_min,
            "urgent": settings.promise_urgent_min,
        },
        "tiles": settings.map_tiles_url,
        "tiles_crs": settings.map_tiles_crs,
        "tiles_credit": settings.map_tiles_credit,
    }
    data = orjson.dumps(told).replace(b"<", b"\\u003c")
    return b'<script type="application/json" id="settings">' + data + b"</script>"


def _headers(settings: Settings) -> dict[str, str]:
    """What a page may load: our own files, the tiles, and pictures that it makes itself."""
    alarm = settings.alarm_public_url or _alarm_origin(settings)
    tiles = ""
    if settings.map_tiles_url is not None:
        source = urlsplit(settings.map_tiles_url)
        tiles = f" {source.scheme}://{source.netloc.replace('{s}', '*')}"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src 'self' data: blob:{tiles}; connect-src 'self' {alarm}; manifest-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(self)",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def _alarm_origin(settings: Settings) -> str:
    """Where pages find the alarm process that `GET /v1/me` names by the host they came from."""
    host = "*" if settings.host in EVERY_HOST else settings.host
    return f"http://{host}:{settings.alarm_port}"


async def _with_slash(request: web.Request) -> web.Response:
    return web.Response(status=308, headers={hdrs.LOCATION: f"{request.path}/"})


def _tell_unbuilt(app: web.Application, texts: Texts) -> None:
    async def answer(request: web.Request) -> web.Response:
        spoken = language.negotiate(request.headers.get(hdrs.ACCEPT_LANGUAGE))
        sentence = escape(texts.get("clients.unbuilt", spoken))
        return web.Response(
            status=503,
            text=f'<!doctype html><html lang="{spoken}"><meta charset="utf-8">'
            f"<title>Shangmen</title><p>{sentence}</p></html>",
            content_type="text/html",
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )

    for path in ("/", *(f"/{client}{rest}" for client in CLIENTS for rest in ("", "/{view:.*}"))):
        app.router.add_get(path, answer)
