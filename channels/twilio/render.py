"""Speech into TwiML (https://www.twilio.com/docs/voice/twiml). Pure.

What is said comes from hostile mail: it only ever becomes the text of a ``<Say>``, escaped by the XML writer, so that
no tag of it reaches Twilio; control characters, format characters and what XML 1.0 can't hold are taken out. Letters,
digits and punctuation stay as they are, so that numbers and ids can be read out.

The limits of one ``<Say>`` are those of https://www.twilio.com/docs/api/errors/13521 for Polly's voices: 3,000 bytes of
UTF-8, and 4,500 characters when URL-encoded (that is 500 kanji). A document given inline holds 4,000 characters
(https://www.twilio.com/docs/api/errors/32018).
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from channels.message import Message, Speech
from channels.twilio.pin import MOST_DIGITS

MOST_BYTES = 3_000
MOST_QUOTED = 4_500
MOST_INLINE = 4_000
WAIT_FOR_DIGIT = 6
"""Seconds of silence after the menu before it is said again."""
WAIT_FOR_PIN = 8
"""Seconds between two digits of a PIN."""

VOICES: Mapping[str, str] = {"ja-JP": "Polly.Mizuki", "en-US": "Polly.Joanna", "cmn-CN": "Polly.Zhiyu"}
"""The standard voices that Twilio lists for these languages (https://www.twilio.com/docs/voice/twiml/say/text-speech).
Another language is said by Twilio's own default voice for it."""

_ELLIPSIS = "…"


def speech_of(message: Message) -> Speech:
    """What to say; a message without speech says its summary, and offers no digit."""
    return message.speech or replace(silent_speech(message.language), announcement=message.summary)


def silent_speech(language: str) -> Speech:
    """One that says nothing."""
    return Speech(
        language=language,
        announcement="",
        menu="",
        confirmed="",
        passed_on="",
        wrong="",
        goodbye="",
        ack_digit="",
        pass_digit="",
    )


def ask(
    speech: Speech,
    menu: Sequence[str],
    voices: Mapping[str, str],
    on_digit: str,
    on_silence: str,
    before: str = "",
) -> str:
    """Announcement and the texts of the menu, and one digit is waited for. ``before`` is said first, once.

    The digit goes to ``on_digit``; if none comes, the call goes on at ``on_silence``. Both are absolute URLs.
    """
    response = VoiceResponse()
    # finishOnKey is empty: with the default, "#" would be no digit but an empty answer.
    gather = Gather(
        action=on_digit, method="POST", num_digits=1, timeout=WAIT_FOR_DIGIT, finish_on_key="", input="dtmf"
    )
    for text in (before, speech.announcement, *menu):
        _say(gather, text, speech.language, voices)
    response.append(gather)
    response.redirect(on_silence, method="POST")
    return str(response)


def ask_pin(texts: Sequence[str], language: str, voices: Mapping[str, str], on_pin: str, on_silence: str) -> str:
    """Say the texts, and wait for digits that end with #, as long as a PIN may be; nobody has one that is longer."""
    response = VoiceResponse()
    gather = Gather(
        action=on_pin, method="POST", num_digits=MOST_DIGITS + 1, timeout=WAIT_FOR_PIN, finish_on_key="#", input="dtmf"
    )
    for text in texts:
        _say(gather, text, language, voices)
    response.append(gather)
    response.redirect(on_silence, method="POST")
    return str(response)


def tell(texts: tuple[str, ...], language: str, voices: Mapping[str, str]) -> str:
    """Say the texts one after the other, and hang up."""
    response = VoiceResponse()
    for number, text in enumerate(text for text in texts if clean(text)):
        if number:
            response.pause(length=1)
        _say(response, text, language, voices)
    response.hangup()
    return str(response)


def go_on(text: str, language: str, voices: Mapping[str, str], onward: str) -> str:
    """Say the text, and go on at an absolute URL."""
    response = VoiceResponse()
    _say(response, text, language, voices)
    response.redirect(onward, method="POST")
    return str(response)


@dataclass(frozen=True, slots=True)
class Ring:
    """Whom to ring from a call, and how: ``number`` from ``caller_id``, ringing and talking at most so many seconds.
    ``whisper`` is asked what is said there first, ``status`` hears how it goes, ``action`` what comes after it: all
    absolute URLs."""

    number: str
    caller_id: str
    timeout: int
    time_limit: int
    whisper: str
    status: str
    action: str


def connect(text: str, language: str, voices: Mapping[str, str], ring: Ring) -> str:
    """Say the text, and ring somebody: https://www.twilio.com/docs/voice/twiml/dial and …/number. Whoever pressed comes
    back by star, and after the other side hung up."""
    response = VoiceResponse()
    _say(response, text, language, voices)
    dial = Dial(
        action=ring.action,
        method="POST",
        caller_id=ring.caller_id,
        timeout=ring.timeout,
        time_limit=ring.time_limit,
        hangup_on_star=True,
    )
    dial.number(
        ring.number,
        url=ring.whisper,
        method="POST",
        status_callback=ring.status,
        status_callback_event="initiated answered completed",
        status_callback_method="POST",
    )
    response.append(dial)
    return str(response)


def whisper(text: str, language: str, voices: Mapping[str, str]) -> str:
    """Say the text to whoever was rung; they are connected after it."""
    response = VoiceResponse()
    _say(response, text, language, voices)
    return str(response)


def announce(speech: Speech, voices: Mapping[str, str]) -> str:
    """The announcement said twice, as one inline document of at most 4,000 characters."""
    text = fitted(speech.announcement)
    while len(document := tell((text, text), speech.language, voices)) > MOST_INLINE:
        text = text[: len(text) * 9 // 10].rstrip() + _ELLIPSIS
    return document


def tell_inline(text: str, language: str, voices: Mapping[str, str]) -> str:
    """One text as an inline document of at most 4,000 characters, to redirect a call that talks."""
    text = fitted(text)
    while len(document := tell((text,), language, voices)) > MOST_INLINE:
        text = text[: len(text) * 9 // 10].rstrip() + _ELLIPSIS
    return document


def hang_up() -> str:
    """End the call without a word."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def clean(text: str) -> str:
    """Only what can be spoken: no control, format, private or unassigned characters, one space between words."""
    return " ".join(text.translate(_SPOKEN).split())


class _Spoken(dict[int, str]):
    """What becomes of each character, looked up once."""

    def __missing__(self, code: int) -> str:
        category = unicodedata.category(chr(code))
        self[code] = " " if category == "Cc" else "" if category.startswith("C") else chr(code)
        return self[code]


_SPOKEN = _Spoken()


def fitted(text: str) -> str:
    """``text`` cleaned and cut to what one ``<Say>`` holds."""
    text = clean(text)
    if _size(text) <= MOST_BYTES and len(quote(text, safe="")) <= MOST_QUOTED:
        return text
    room, quoted, kept = MOST_BYTES - _size(_ELLIPSIS), MOST_QUOTED - len(quote(_ELLIPSIS)), 0
    for char in text:
        room -= _size(char)
        quoted -= len(quote(char, safe=""))
        if room < 0 or quoted < 0:
            break
        kept += 1
    return text[:kept].rstrip() + _ELLIPSIS


def _size(text: str) -> int:
    return len(text.encode())


def _say(into: VoiceResponse | Gather, text: str, language: str, voices: Mapping[str, str]) -> None:
    text = fitted(text)
    if text:
        into.say(text, language=language, voice=voices.get(language) or VOICES.get(language))
