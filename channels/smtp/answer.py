"""Every answer of a mail server → what it means for the mail. The one table.

RFC 5321 4.2 and 4.3.2 (codes by command), RFC 4954 4 and 6 (530, 534, 535, 538: the login), RFC 3207 4 (530 before
STARTTLS), RFC 3463 (the enhanced codes, which stay in the server's words), RFC 7504 (521, 556).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from channels.base import Rejected, RetryLater
from channels.smtp.address import printable
from escalation.phrase import N_

LONGEST_WORDS = 200
LOGIN_PAUSE = timedelta(minutes=5)
"""A wrong password is not tried every second: many servers would lock the account."""


class Stage(StrEnum):
    """How far a conversation had come."""

    GREETING = "greeting"
    HELLO = "hello"
    TLS = "tls"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    END = "end"


@dataclass(frozen=True, slots=True)
class Meaning:
    """``is_final``: this mail never goes. ``is_channel_wide``: no mail goes, for now."""

    words: str
    is_final: bool = False
    is_channel_wide: bool = False
    after: timedelta | None = None


class SmtpError(Exception):
    """A mail that was not taken. ``code`` is the server's, 0 if there was no answer; ``words`` are clean.

    ``is_lost``: nothing more can be said on this connection. ``maybe_sent``: the mail may have been taken.
    """

    def __init__(
        self,
        meaning: Meaning,
        code: int = 0,
        words: str = "",
        *,
        stage: Stage | None = None,
        is_lost: bool = False,
        maybe_sent: bool = False,
    ) -> None:
        super().__init__(meaning.words)
        self.stage = stage
        self.meaning = meaning
        self.code = code
        self.words = words
        self.is_lost = is_lost
        self.maybe_sent = maybe_sent

    @property
    def summary(self) -> str:
        """What is wrong, without the server's own words, which differ from time to time."""
        return f"{self.meaning.words} ({self.code})" if self.code else self.meaning.words

    def result(self) -> RetryLater | Rejected:
        """What the outbox is told."""
        answer = f"{self.code} {self.words}".strip() if self.code else self.words
        reason = f"{self.meaning.words}: {answer}" if answer else self.meaning.words
        if self.meaning.is_final:
            return Rejected(reason)
        return RetryLater(reason, self.meaning.after, self.meaning.is_channel_wide, self.maybe_sent)


CLOSING = 421
_TOO_LARGE = 552
_LOGIN_CODES = frozenset({530, 534, 535, 538})
_SYNTAX = frozenset({500, 501, 502, 503, 504, 555})

_STARTS = {
    Stage.GREETING: Meaning(N_("the mail server takes no connection"), is_channel_wide=True),
    Stage.HELLO: Meaning(N_("the mail server refuses the greeting; look at smtp.helo"), is_channel_wide=True),
    Stage.TLS: Meaning(N_("the mail server refuses to begin TLS; look at smtp.security"), is_channel_wide=True),
}
_LOGIN = Meaning(
    N_("the mail server refuses the login; look at smtp.username and KIDOKU_SMTP__PASSWORD"),
    is_channel_wide=True,
    after=LOGIN_PAUSE,
)
_LOGIN_LATER = Meaning(N_("the mail server can't check the login now"), is_channel_wide=True)
_WANTS_LOGIN = Meaning(
    N_("the mail server wants a login or TLS; look at smtp.username and KIDOKU_SMTP__PASSWORD"),
    is_channel_wide=True,
    after=LOGIN_PAUSE,
)
NO_LOGIN_YET = Meaning(
    N_("the mail server refuses the recipient, perhaps since nobody logged in; look at smtp.username")
)
"""Postfix says so with 554 5.7.1, as it says "not this recipient": so the mail waits, and no other mail does."""
_SENDER = Meaning(N_("the mail server refuses the sender; look at smtp.sender and smtp.bounces"), is_channel_wide=True)
_SENDER_LATER = Meaning(N_("the mail server takes no mail from this sender now"), is_channel_wide=True)
_NOT_THIS_SENDER = N_("the mail server does not take this sender")
_CLOSING = Meaning(N_("the mail server closes the connection"), is_channel_wide=True)
_LARGE = Meaning(N_("the mail is too large for the mail server"), is_final=True)
_NONSENSE = Meaning(N_("the mail server's answer can't be understood"), is_channel_wide=True)
_NEVER = {
    Stage.SENDER: Meaning(N_("the mail server does not take this mail's sender or its options"), is_final=True),
    Stage.RECIPIENT: Meaning(N_("the mail server refuses the recipient"), is_final=True),
    Stage.DATA: Meaning(N_("the mail server refuses the mail"), is_final=True),
    Stage.END: Meaning(N_("the mail server refuses the mail"), is_final=True),
}
_LATER = {
    Stage.SENDER: _SENDER_LATER,
    Stage.RECIPIENT: Meaning(N_("the mail server does not take the recipient now")),
    Stage.DATA: Meaning(N_("the mail server does not take the mail now")),
    Stage.END: Meaning(N_("the mail server does not take the mail now")),
}


def meaning_of(stage: Stage, code: int) -> Meaning:
    """What a refusal by ``code`` means at this point.

    A fault of ours that hits every mail (login, sender, TLS) loses none of them: they wait until it is mended.
    """
    if not 400 <= code < 600:
        return _NONSENSE
    if code == CLOSING:
        return _CLOSING
    if stage in _STARTS:
        return _STARTS[stage]
    if stage is Stage.LOGIN:
        return _LOGIN_LATER if code < 500 else _LOGIN
    return _LATER[stage] if code < 500 else _refused(stage, code)


def of_relayed(fault: SmtpError) -> RetryLater | Rejected | None:
    """What the outbox is told of a relayed mail whose sender is refused: that sender is not ours, so it is the mail's
    trouble alone. None for any other fault."""
    if fault.stage is not Stage.SENDER or fault.code in _LOGIN_CODES | {CLOSING}:
        return None
    reason = f"{_NOT_THIS_SENDER}: {fault.code} {fault.words}".rstrip()
    return Rejected(reason) if fault.code >= 500 else RetryLater(reason)


def _refused(stage: Stage, code: int) -> Meaning:
    """A 5xx within a mail's own transaction."""
    if code in _LOGIN_CODES:
        return _WANTS_LOGIN
    if code == _TOO_LARGE and stage is not Stage.RECIPIENT:
        return _LARGE
    return _SENDER if stage is Stage.SENDER and code not in _SYNTAX else _NEVER[stage]


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """A server's words on one line, cut, and without any of ``secrets`` that it may have repeated."""
    line = " ".join(printable(text.encode("utf-8", "replace").decode()).split())
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        line = line.replace(secret, "…")
    return line if len(line) <= LONGEST_WORDS else f"{line[: LONGEST_WORDS - 1]}…"
