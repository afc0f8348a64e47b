"""Message → lines for a terminal. Control characters of hostile mail never reach the terminal."""

import unicodedata

from channels.message import Message, Tone

MARKS = {Tone.OPEN: "●", Tone.TAKEN: "◐", Tone.CLOSED: "○", Tone.ALARM: "▲", Tone.CALM: "◇"}


def printable(text: str) -> str:
    """The text without control, format and private characters (no escape sequences, no RTL tricks)."""
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs") else " " for char in text
    )


def render(message: Message, *, is_update: bool = False) -> list[str]:
    """The lines of a posted message: title, facts, buttons; for a call also what is said."""
    change = "↻ " if is_update else ""
    lines = [f"{change}{MARKS[message.tone]} {message.title}"]
    lines += [f"{fact.label}: {fact.value}" for fact in message.facts]
    if message.buttons:
        lines.append(" ".join(f"[{button.label}]" for button in message.buttons))
    if message.speech is not None and not is_update:
        lines += [f"“{message.speech.announcement}”", f"“{message.speech.menu}”"]
    return [printable(line) for line in lines]
