"""The words of notices, by template and language. It knows no phone and sends nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

FILE: Final = Path(__file__).with_name("texts") / "notices.toml"
LANGUAGES: Final = ("zh-CN", "en")
SIGNS: Final = {"zh-CN": "【上门】", "en": "[Shangmen] "}
FALLBACK: Final = "fallback"
# Longer ones are cut in two by the networks, and paid twice.
LONGEST: Final = 160


class MessageError(ValueError):
    """The file of messages is not whole; the text names the template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One message in every language; `useful_min` is None where it never grows stale.

    `opens` is the view that a push leads to, where it is not the one of the reader's role.
    """

    name: str
    texts: Mapping[str, str]
    useful_min: int | None = None
    opens: str | None = None

    def text(self, language: str | None, **values: object) -> str:
        """The words in that language, Chinese for one that we do not speak."""
        words = self.texts.get(language or LANGUAGES[0], self.texts[LANGUAGES[0]])
        return words.format(**values)

    def unsigned(self, language: str | None) -> str:
        """The words without the sender's name, for where that stands above them."""
        return self.text(language).removeprefix(SIGNS.get(language or LANGUAGES[0], ""))


@cache
def load(path: Path = FILE) -> Mapping[str, Template]:
    """Every template by its name. Raises `MessageError`."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    if FALLBACK not in tables:
        raise MessageError(f"{path.name} has no [{FALLBACK}]")
    return MappingProxyType({name: _template(name, table) for name, table in tables.items()})


def find(name: str) -> Template:
    """The template of that name, or the one that stands in for names not written yet."""
    found = load()
    return found.get(name, found[FALLBACK])


def _template(name: str, table: Mapping[str, Any]) -> Template:
    if extra := sorted(set(table) - {*LANGUAGES, "useful_min", "opens"}):
        raise MessageError(f"[{name}] has {extra[0]}, which means nothing")
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        text = table.get(language)
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST:
            raise MessageError(f"[{name}] needs 1 to {LONGEST} characters in {language}")
        texts[language] = text
    useful_min = table.get("useful_min")
    if useful_min is not None and (not isinstance(useful_min, int) or useful_min < 1):
        raise MessageError(f"[{name}] useful_min must be a number of minutes")
    opens = table.get("opens")
    if opens is not None and not (isinstance(opens, str) and opens.startswith("/")):
        raise MessageError(f"[{name}] opens must be a path")
    return Template(name=name, texts=MappingProxyType(texts), useful_min=useful_min, opens=opens)
