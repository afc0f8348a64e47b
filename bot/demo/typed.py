"""The line that is being typed at the demo's prompt: keys in, whole lines out."""

import codecs
import re
import unicodedata

_KEY = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1bO.|\x1b[^\[O]|.", re.DOTALL)
_UNFINISHED = re.compile(r"\x1b(?:O|\[[0-9;?]*[ -/]*)?\Z")
_WORD_AT_END = re.compile(r"\S*\s*\Z")
_UP, _DOWN = ("\x1b[A", "\x1bOA"), ("\x1b[B", "\x1bOB")


class TypedLine:
    """What has been typed since the last Enter. Backspace, Ctrl+U, Ctrl+W and the arrows up and down work as in a
    shell; other control keys do nothing."""

    def __init__(self) -> None:
        self.text = ""
        self.history: list[str] = []
        self._place = 0
        self._rest = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, typed: bytes) -> list[str | None]:
        """The lines that these keys completed; None for Ctrl+D on an empty line: the end."""
        keys = self._rest + self._decoder.decode(typed)
        unfinished = _UNFINISHED.search(keys)
        self._rest = unfinished[0] if unfinished else ""
        done: list[str | None] = []
        for found in _KEY.finditer(keys, 0, len(keys) - len(self._rest)):
            done += self._press(found[0])
        return done

    def _press(self, key: str) -> list[str | None]:
        if key in ("\r", "\n"):
            return [self._finished()]
        if key == "\x04" and not self.text:
            return [None]
        if key in _UP or key in _DOWN:
            self._go(-1 if key in _UP else 1)
        elif key in ("\x7f", "\b"):
            self.text = _without_last(self.text)
        elif key in ("\x15", "\x17"):
            self.text = "" if key == "\x15" else _WORD_AT_END.sub("", self.text)
        elif len(key) == 1 and unicodedata.category(key) != "Cc":
            self.text += key
        return []

    def _finished(self) -> str:
        line, self.text = self.text, ""
        if line.strip() and self.history[-1:] != [line]:
            self.history.append(line)
        self._place = len(self.history)
        return line

    def _go(self, by: int) -> None:
        """To the line typed before, or after; past the last one to an empty one."""
        self._place = min(max(self._place + by, 0), len(self.history))
        self.text = self.history[self._place] if self._place < len(self.history) else ""


def _without_last(text: str) -> str:
    """Without the last character and the marks that combine with it."""
    end = len(text) - 1
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    return text[: max(end, 0)]
