"""Phone and identity-card numbers: one spelling of each, so that equal means the same person.

Pure; it never stores or logs what it is given.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import phonenumbers

HOME_REGION: Final = "CN"

# GB 11643-1999: weights of the first 17 digits and the check character for each remainder.
ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS: Final = "10X98765432"
ID_SHAPE: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")


def normalise_phone(text: str) -> str:
    """The number in E.164 form; without a country code it is taken as Chinese.

    Raises ValueError, whose text never repeats the number.
    """
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        raise ValueError("not a phone number") from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise ValueError("not a phone number in use")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask_phone(phone: str) -> str:
    """What may be shown of an E.164 number: `+8613812345678` becomes `138****5678`.

    A number too short to hide four digits between three and four shows its last two only.
    """
    number = phonenumbers.parse(phone, HOME_REGION)
    digits = phonenumbers.national_significant_number(number)
    if len(digits) < 10:
        return "*" * (len(digits) - 2) + digits[-2:]
    return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"


def normalise_id_number(text: str) -> str:
    """The eighteen characters of a resident identity number, with a capital X.

    Spaces and full-width digits are forgiven; a wrong length, birth date or check character raises
    ValueError, whose text never repeats the number. The check character is that of GB 11643-1999.
    """
    number = "".join(text.split()).translate(FULL_WIDTH).upper()
    if not ID_SHAPE.fullmatch(number):
        raise ValueError("an identity number has 17 digits and a check character")
    born_on(number)
    total = sum(int(digit) * weight for digit, weight in zip(number, ID_WEIGHTS, strict=False))
    if number[-1] != ID_CHECKS[total % 11]:
        raise ValueError("the check character of the identity number does not fit")
    return number


def born_on(id_number: str) -> date:
    """The birth date within a normalised identity number; ValueError if there is no such day."""
    try:
        return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError:
        raise ValueError("the identity number holds no real birth date") from None
