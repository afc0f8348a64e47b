"""Why something could not be sent, in its reader's words.

Channels and the outbox say it in English, and so it is stored: for the log, and for programs that read JSON. Here it is
taken apart again. What is not Kidoku's own stays as it is: a mail server's words, and those of an earlier release.
"""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from bot.frame import frame_of, taken_apart
from bot.language import N_, Words
from bot.wording.name import plain
from channels.slack.meaning import MEANINGS
from channels.twilio.message_fault import NO_TEMPLATE
from escalation.phrase import Phrase

LONGEST = 600
"""What is longer is not Kidoku's, which repeats at most some 200 characters of a server's."""

_OWN, _PERHAPS = frozenset({"what", "head", "wrong", "fix"}), "more"
"""Values that must be Kidoku's own words, or else the form is not meant; and those that may be. All the others may be a
stranger's, and stay as they are."""
_VALUES: Mapping[str, str] = MappingProxyType(
    {
        "answer": r"[0-9]{3}(?: .*)?",
        "code": r"[^()]+",
        "head": r"[^:]+",
        "number": r"[0-9]+",
        "phrase": r"[0-9]{3}[^:]*",
        "setting": r"[\w.]+",
        "size": r"[0-9]+",
        "status": r"[0-9]{3}",
        "text": r".*",
        "token": r"KIDOKU_\w+",
    }
)
_FORMS = (
    N_("given up: %(more)s"),
    N_("asking whether it was sent: %(more)s"),
    # Before all that could take a stranger's words apart.
    N_("a virus was found: %(name)s"),
    N_("apprise could not deliver it: %(text)s"),
    N_("the mail server's answer can't be understood: %(text)s"),
    N_("“%(text)s” is no mail address"),
    N_("“%(text)s” is no mail address: what stands after its @ is no domain"),
    N_("“%(text)s” is no mail address: what stands before its @ can't be written in one"),
    N_("“%(text)s” is too long for a mail address"),
    N_("“%(text)s” is no sender"),
    N_("the mail is too large for the mail server: %(size)s bytes, and it takes %(number)s"),
    N_("%(head)s: %(answer)s"),
    *dict.fromkeys(one.words for one in MEANINGS.values() if "%(token)s" in one.words),
    NO_TEMPLATE,
    N_("Socket Mode: %(more)s"),
    N_("SIP %(status)s; %(more)s"),
    N_("Twilio error %(number)s"),
    N_("%(what)s (Twilio error %(number)s)"),
    N_("%(what)s (HTTP %(status)s, Twilio error %(number)s)"),
    N_("%(what)s (%(status)s, code %(number)s)"),
    N_("the service answered %(phrase)s"),
    N_("the service answered %(phrase)s: %(more)s"),
    N_("%(what)s (%(code)s)"),
    N_("%(head)s: %(more)s"),
    N_("%(wrong)s; %(fix)s"),
)
FRAMES = (
    # Where Twilio gave no code of its own.
    (r"(?P<what>.+) \(HTTP (?P<code>[0-9]{3}), Twilio error None\)", N_("%(what)s (%(code)s)")),
    *(frame_of(form, _VALUES) for form in _FORMS),
)


def reason(detail: str, words: Words) -> str:
    """A ``detail`` as it was stored, or a phrase, on one line and tamed."""
    if isinstance(detail, Phrase):
        return plain(words.said(reasoned(detail, words)))
    text = plain(detail)
    return text if len(text) > LONGEST else _known(text, words) or text


def failure_words(detail: str, via: str, words: Words) -> str:
    """Why a mail did not get there: said by the channel that sent it, or in the words of a stranger's report."""
    return reason(detail, words) if via == "smtp" else plain(detail)


def reasoned(text: str, words: Words) -> str:
    """The detail of an alarm: a phrase, whose reasons are said so, too."""
    if not isinstance(text, Phrase):
        return text
    values = {name: _leaf(name, value, words) for name, value in text.values.items()}
    return Phrase(text.form, **values)


def _leaf(name: str, value: object, words: Words) -> object:
    if isinstance(value, Phrase):
        return reasoned(value, words)
    return reason(value, words) if type(value) is str and name in _REASONS else value


_REASONS = frozenset({"detail", "reason", "why"})
"""What the alarms' phrases call them."""


def _known(text: str, words: Words) -> str | None:
    """None for what is not Kidoku's own."""
    said = words.gettext(text)
    if said != text and "%(" not in text:
        return said
    found = taken_apart(text, FRAMES, partial(_value, words=words))
    return None if found is None else words.said(found)


def _value(name: str, text: str, *, words: Words) -> str | None:
    if name in _OWN:
        return _known(text, words)
    return (_known(text, words) or text) if name == _PERHAPS else text
