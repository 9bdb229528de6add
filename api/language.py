"""Which language a person reads, and the texts in it; these are in `config/texts`, never here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any, Final, Self


class Language(StrEnum):
    """The languages in which every text exists; the first is the default."""

    ZH = "zh-CN"
    EN = "en"


LONGEST_HEADER: Final = 512


def negotiate(header: str | None) -> Language:
    """The best language of an `Accept-Language` header; never an error, Chinese when in doubt."""
    best, best_quality = Language.ZH, 0.0
    for part in (header or "")[:LONGEST_HEADER].split(","):
        tag, _, parameter = part.partition(";")
        quality = _quality(parameter)
        match tag.strip().lower().split("-")[0]:
            case "zh" | "*":
                language = Language.ZH
            case "en":
                language = Language.EN
            case _:
                continue
        if quality > best_quality:
            best, best_quality = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not parameter.strip():
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if name.strip() == "q" and 0.0 <= quality <= 1.0 else 0.0


class Texts:
    """Every text that a person reads, by language and dotted key."""

    __slots__ = ("_tables",)

    def __init__(self, tables: Mapping[Language, Mapping[str, str]]) -> None:
        self._tables = tables

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Read `<language>.toml` of each language, by default those that ship with the product."""
        root = folder or resources.files("config") / "texts"
        return cls(
            {
                language: dict(
                    _flat(tomllib.loads((root / f"{language}.toml").read_text(encoding="utf-8")))
                )
                for language in Language
            }
        )

    def keys(self, language: Language) -> frozenset[str]:
        return frozenset(self._tables[language])

    def find(self, key: str, language: Language, **values: object) -> str | None:
        """The text with its placeholders filled, or None if there is no such key."""
        template = self._tables[language].get(key)
        return None if template is None else _FORMATTER.vformat(template, (), values)

    def get(self, key: str, language: Language, **values: object) -> str:
        """The text with its placeholders filled. A key without a text is a defect: KeyError."""
        return _FORMATTER.vformat(self._tables[language][key], (), values)


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in table.items():
        match value:
            case str():
                rows.append((prefix + name, value))
            case dict():
                rows += _flat(value, f"{prefix}{name}.")
            case _:
                raise ValueError(f"text {prefix}{name} is neither a string nor a table")
    return rows


class _Lenient(Formatter):
    """A placeholder without a value shows as a dash: a text must never break an answer."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "—")


_FORMATTER: Final = _Lenient()
