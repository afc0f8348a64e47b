"""Who may ring us: a PIN for each person, as words of ``person:PIN``."""

import hmac
import re
import secrets
from collections.abc import Collection, Mapping

from escalation.phrase import Phrase, advice

MOST_DIGITS = 12
_PIN = re.compile(rf"[0-9]{{6,{MOST_DIGITS}}}")
_RUNS = ("01234567890123456789", "98765432109876543210")


def read_pins(text: str) -> Mapping[str, str]:
    """The PIN of each person. Raises ValueError, which names a person and never shows a PIN."""
    found: dict[str, str] = {}
    for word in re.split(r"[\s,]+", text.strip(", \t\r\n")):
        person, colon, pin = word.rpartition(":")
        if not colon or not person or person in found:
            raise ValueError(advice(Phrase("a PIN has no person, or its person has two"), Phrase("write alice:PIN")))
        if not _PIN.fullmatch(pin):
            what = Phrase("the PIN of %(person)s is not one", person=person)
            raise ValueError(advice(what, Phrase("write 6 to 12 digits")))
        if len(set(pin)) < 3 or any(pin in run for run in _RUNS):
            what = Phrase("the PIN of %(person)s is easily guessed", person=person)
            raise ValueError(advice(what, Phrase("draw its digits by lot")))
        if pin in found.values():
            what = Phrase("the PIN of %(person)s is somebody else's, too", person=person)
            raise ValueError(advice(what, Phrase("give each person another")))
        found[person] = pin
    return found


class Pins:
    """Tells whose a PIN is. Every PIN is compared, in the same time, whatever was typed."""

    def __init__(self, pins: Mapping[str, str]) -> None:
        self._key = secrets.token_bytes(32)
        self._marks = {person: self._mark(pin) for person, pin in pins.items()}

    def owner(self, typed: str, among: Collection[str] | None = None) -> str:
        """The person whose PIN this is, if they are ``among`` these (None: anybody); "" if it is nobody's."""
        mark, found = self._mark(typed), ""
        for person, known in self._marks.items():
            is_right = hmac.compare_digest(known, mark)
            found = person if is_right and (among is None or person in among) else found
        return found

    def _mark(self, pin: str) -> bytes:
        return hmac.digest(self._key, pin.encode("utf-8", "replace"), "sha256")
