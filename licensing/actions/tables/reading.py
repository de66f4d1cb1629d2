"""Reading what a face sent for a row, text or JSON, column by column; what is wrong is kept by column, not raised."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

SWITCH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False, "": False}


class Reader:
    """What was sent for one row. Each question gives the value as the row keeps it, or an empty one and a fault."""

    def __init__(self, sent: Mapping[str, Any]) -> None:
        self.sent = sent
        self.wrong: dict[str, list[str]] = {}

    def fault(self, name: str, said: str) -> None:
        self.wrong.setdefault(name, []).append(said)

    def refuse_if_wrong(self) -> None:
        """Raises ValidationError with every fault, by column."""
        if self.wrong:
            raise ValidationError(self.wrong)

    def _text(self, name: str) -> str:
        said = self.sent.get(name)
        if said is None or isinstance(said, str):
            return (said or "").replace("\r\n", "\n").strip()
        self.fault(name, "Write words here.")
        return ""

    def words(self, name: str, *, most: int, needed: bool = True) -> str:
        """One line."""
        return self._fit(name, " ".join(self._text(name).split()), most, needed)

    def text(self, name: str, *, most: int, needed: bool = True) -> str:
        """Words with their lines."""
        lines = (" ".join(line.split()) for line in self._text(name).splitlines())
        return self._fit(name, "\n".join(lines).strip(), most, needed)

    def _fit(self, name: str, said: str, most: int, needed: bool) -> str:
        if needed and not said and name not in self.wrong:
            self.fault(name, "Write something here.")
        if len(said) > most:
            self.fault(name, f"It has {len(said)} letters; there is room for {most}.")
        return said

    def paragraphs(self, name: str) -> list[str]:
        """Paragraphs, with an empty line between one and the next where they come as one text."""
        said = self.sent.get(name)
        parts = re.split(r"\n\s*\n", said.replace("\r\n", "\n")) if isinstance(said, str) else said
        if not isinstance(parts, list) or not all(isinstance(each, str) for each in parts):
            self.fault(name, "Give a list of paragraphs.")
            return []
        found = [" ".join(each.split()) for each in parts if each.strip()]
        if not found:
            self.fault(name, "Write at least one paragraph.")
        return found

    def several(
        self, name: str, known: Iterable[str], *, what: str, before: Mapping[str, Any] | None, needed: bool = False
    ) -> list[str]:
        """Some of the codes that are known, in the order of those; the same ones as before stay in their order."""
        said = self.sent.get(name) or []
        given = re.split(r"[\s,]+", said.strip()) if isinstance(said, str) else said
        if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
            self.fault(name, "Give a list of codes.")
            return []
        known = list(known)
        if unknown := [each for each in given if each not in known]:
            self.fault(name, f"There is no {what} {', '.join(f'“{each}”' for each in unknown)}.")
        elif needed and not given:
            self.fault(name, "Choose at least one.")
        found, was = [each for each in known if each in given], list((before or {}).get(name, []))
        return was if sorted(was) == sorted(found) else found

    def one(self, name: str, known: Iterable[str]) -> str:
        said = self.sent.get(name)
        known = list(known)
        if not isinstance(said, str) or said not in known:
            self.fault(name, f"Choose one of {', '.join(known)}.")
            return ""
        return said

    def switch(self, name: str) -> bool:
        said = self.sent.get(name, False)
        found = said if isinstance(said, bool) else SWITCH.get(str(said or "").strip().lower())
        if found is None:
            self.fault(name, "Say “on” or “off”.")
        return bool(found)

    def whole(self, name: str, *, least: int, most: int, missing: str) -> int:
        """A whole number; `missing` is what is said where none is given."""
        said = self.sent.get(name)
        if said is None or str(said).strip() == "":
            self.fault(name, missing)
            return least
        number = number_of(said)
        if number is None or number != number.to_integral_value() or not least <= number <= most:
            self.fault(name, f"Give a whole number from {least} to {most}.")
            return least
        return int(number)

    def amount(self, name: str) -> str:
        """Rupees, as text: a float would not be what was written."""
        number = number_of(self.sent.get(name))
        if number is None:
            self.fault(name, "Give an amount in rupees, such as 50,000,000.")
            return "0"
        if number < 0:
            self.fault(name, "Give an amount of zero or more: capital is never negative.")
        elif number >= Decimal(10) ** 20 or number != round(number, 2):
            self.fault(name, "Give an amount with two decimals at most.")
        return f"{number.normalize():f}"

    def address(self, name: str) -> str:
        """An e-mail address, or none."""
        said = self._text(name)
        try:
            if said:
                validate_email(said)
        except ValidationError:
            self.fault(name, "Write an e-mail address, such as office@example.gov.pk, or leave it empty.")
        return said


def number_of(said: Any) -> Decimal | None:
    """The number that was written; None where it is none."""
    if said is None or isinstance(said, bool):
        return None
    try:
        number = Decimal(str(said).replace(",", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
