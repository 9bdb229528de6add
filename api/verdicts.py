"""A rule's refusal in the reader's words, wherever one is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api import reference
from config.catalogue import Catalogue
from dispatch.errors import NotEligible, PlanRefused
from dispatch.records.decisions import Nearest
from dispatch.records.decisions import Refusal as Kept
from matching import counterfactual, texts
from matching.counterfactual import Change
from matching.eligibility import Refusal


def in_words(rule: str, value: Any, threshold: Any, language: str, catalogue: Catalogue) -> str:
    """One sentence about a refusal as it is kept: JSON knows no tuples."""
    counties = {
        county.code: county.name_en if language == "en" else county.name_zh
        for county in reference.served_areas().counties
    }
    refusal = Refusal(rule=rule, value=_as_found(value), threshold=_as_found(threshold))
    return texts.refusal(refusal, language, catalogue, counties)


def would(
    refusals: Sequence[Kept], change: Nearest | None, language: str, catalogue: Catalogue
) -> tuple[list[Change], str] | None:
    """What would have had to be otherwise: for one who was refused to qualify, for one who was not
    to be asked. None where nothing would have done, or nobody knows."""
    told = None if change is None else Change(change[0], _as_found(change[1]))
    changes = [told] if told is not None else []
    if refusals:
        found = [
            Refusal(rule=it.rule, value=_as_found(it.value), threshold=_as_found(it.threshold))
            for it in refusals
        ]
        changes = list(counterfactual.to_qualify(found, told))
    text = texts.would(changes, asked=not refusals, language=language, catalogue=catalogue)
    return None if text is None else (changes, text)


def tell(
    refusal: NotEligible | PlanRefused, language: str, catalogue: Catalogue
) -> NotEligible | PlanRefused:
    """The refusal with a sentence for each of its reasons."""
    extras = refusal.extras
    if isinstance(reasons := extras.get("reasons"), list):
        extras["reasons"] = _told(reasons, language, catalogue)
    if isinstance(refused := extras.get("refused"), list):
        extras["refused"] = [
            {**one, "reasons": _told(one["reasons"], language, catalogue)} for one in refused
        ]
    return refusal


def _told(
    reasons: Sequence[Mapping[str, Any]], language: str, catalogue: Catalogue
) -> list[dict[str, Any]]:
    return [
        {**one, "text": in_words(one["rule"], one["value"], one["threshold"], language, catalogue)}
        for one in reasons
    ]


def _as_found(kept: Any) -> Any:
    return tuple(kept) if isinstance(kept, list) else kept
