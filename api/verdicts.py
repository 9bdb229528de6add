"""A rule's refusal in the reader's words, wherever one is answered."""

from __future__ import annotations

from typing import Any

from api import reference
from config.catalogue import Catalogue
from dispatch.errors import NotEligible
from matching import texts
from matching.eligibility import Refusal


def in_words(rule: str, value: Any, threshold: Any, language: str, catalogue: Catalogue) -> str:
    """One sentence about a refusal as it is kept: JSON knows no tuples."""
    counties = {
        county.code: county.name_en if language == "en" else county.name_zh
        for county in reference.served_areas().counties
    }
    refusal = Refusal(rule=rule, value=_as_found(value), threshold=_as_found(threshold))
    return texts.refusal(refusal, language, catalogue, counties)


def tell(refusal: NotEligible, language: str, catalogue: Catalogue) -> NotEligible:
    """The refusal with a sentence for each of its reasons."""
    reasons = refusal.extras.get("reasons")
    if isinstance(reasons, list):
        refusal.extras["reasons"] = [
            {
                **one,
                "text": in_words(one["rule"], one["value"], one["threshold"], language, catalogue),
            }
            for one in reasons
        ]
    return refusal


def _as_found(kept: Any) -> Any:
    return tuple(kept) if isinstance(kept, list) else kept
