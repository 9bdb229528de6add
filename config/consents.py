"""Owns the informed-consent texts: one for each service, version and language, with its hash.

Never knows who signed what; a signature is a row that names the version and the hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field

from config.catalogue import Catalogue, Service

FOLDER: Final = Path(__file__).with_name("consent")
VERSION: Final = "1"
LANGUAGES: Final = ("zh-CN", "en")


class ConsentError(ValueError):
    """The texts of a version do not cover the catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """`sha256` is the hex digest of `text` in UTF-8, so each language has its own."""

    service_code: str
    version: str
    language: str
    text: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """Every text of one version."""

    version: str
    texts: Mapping[tuple[str, str], Consent]

    def get(self, service_code: str, language: str) -> Consent:
        """Any language but English is answered in Chinese; KeyError for an unknown service."""
        return self.texts[service_code, "en" if language == "en" else "zh-CN"]


class _Both(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: Annotated[list[str], Field(min_length=1)]
    en: Annotated[list[str], Field(min_length=1)]


class _Frame(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    frame: _Frame
    groups: dict[str, _Both]
    services: dict[str, _Both]


def load(catalogue: Catalogue, version: str = VERSION, folder: Path = FOLDER) -> Consents:
    """Every text of `version`, rendered; raises ConsentError when a service has no risks named."""
    raw = yaml.safe_load((folder / f"{version}.yaml").read_text(encoding="utf-8"))
    entries = _File.model_validate(raw)
    if entries.version != version:
        raise ConsentError(f"{version}.yaml says that it is version {entries.version}")
    if unknown := sorted(entries.services.keys() - catalogue.services.keys()):
        raise ConsentError(f"consent for unknown services: {', '.join(unknown)}")
    for name, both in (entries.groups | entries.services).items():
        if len(both.zh) != len(both.en):
            raise ConsentError(
                f"{name}: {len(both.zh)} risks in Chinese, {len(both.en)} in English"
            )
    texts = {
        (service.code, language): _consent(entries, catalogue, service, language)
        for service in catalogue.services.values()
        for language in LANGUAGES
    }
    return Consents(version=version, texts=MappingProxyType(texts))


def _consent(entries: _File, catalogue: Catalogue, service: Service, language: str) -> Consent:
    group = entries.groups.get(service.group)
    if group is None:
        raise ConsentError(f"{service.code}: no risks for the group {service.group}")
    own = entries.services.get(service.code)
    if language == "en":
        frame, risks = entries.frame.en, group.en + (own.en if own else [])
    else:
        frame, risks = entries.frame.zh, group.zh + (own.zh if own else [])
    text = frame.format(
        service=service.name(language),
        version=entries.version,
        duration_min=service.duration_min,
        nurses=service.nurses_required,
        risks=_listed(risks),
        preconditions=_listed(
            [catalogue.preconditions[slug].in_language(language) for slug in service.preconditions]
        ),
    )
    return Consent(
        service_code=service.code,
        version=entries.version,
        language=language,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _listed(items: list[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
