"""Owns the documents that nurses must know: `policies.yaml`, one version of all, with hashes.

Pure. Who has read what is a row that names the version and the hash.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field

from config.vocabulary import Label

FILE: Final = Path(__file__).with_name("policies.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One document. `sha256` is the hex digest of its text in both languages, in UTF-8."""

    slug: str
    version: str
    title: Label
    text: Label
    sha256: str


class _Both(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: _Both
    text: _Both


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(min_length=1, max_length=20)]
    policies: Annotated[dict[str, _Entry], Field(min_length=1)]


@cache
def load(path: Path = FILE) -> dict[str, Policy]:
    """Every document by its slug, in the file's order."""
    read = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    return {
        slug: Policy(
            slug=slug,
            version=read.version,
            title=Label(zh=entry.title.zh, en=entry.title.en),
            text=Label(zh=entry.text.zh, en=entry.text.en),
            sha256=hashlib.sha256(f"{entry.text.zh}\n{entry.text.en}".encode()).hexdigest(),
        )
        for slug, entry in read.policies.items()
    }
