"""What a mail says about its own urgency, and what kind of mail never opens an alert.

Everything here reads a mail's own words, which a stranger may have written: it is a reason to look, never proof.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from escalation.away import names_automatic
from escalation.mail import Mail
from escalation.pattern import fold

_HIGH_WORDS = frozenset(
    {"high", "highest", "urgent", "emergency", "critical", "very high"}
    | {"高", "高い", "最高", "緊急", "至急", "重要", "紧急", "重要度高"}
)
_RANKED = ("x-priority", "x-msmail-priority", "priority")
"""Headers where 1 and 2 mean high. Not Importance: there 1 is Outlook's normal."""


def high_importance(mail: Mail) -> str:
    """The header by which the sender says that this is important, as ``name: value``; empty if there is none.

    Importance and Priority as in RFC 2156 and RFC 4021; X-Priority and X-MSMail-Priority as mail programs write them:
    ``1``, ``1 (Highest)``, ``High``, ``ＨＩＧＨ``, ``高``.
    """
    for name, value in mail.headers:
        if name in ("importance", *_RANKED) and _is_high(name, value):
            return f"{name}: {value.strip()}"
    return ""


def _is_high(name: str, value: str) -> bool:
    word, _, remark = fold(value).strip().partition("(")
    word = word.strip()
    if name in _RANKED and re.fullmatch(r"[0-9]+", word):
        return word in ("1", "2")
    return word in _HIGH_WORDS or (not word and remark.rstrip(") ") in _HIGH_WORDS)


URGENT_WORDS = frozenset(
    {"緊急", "至急", "大至急", "要至急", "重要", "最重要", "最優先", "超緊急", "緊急連絡", "緊急対応", "緊急通報"}
    | {"緊急障害", "緊急事態", "緊急通知", "要緊急対応", "至急対応", "至急確認", "至急連絡", "重大", "重大障害"}
    | {"紧急", "加急", "特急", "急", "紧急通知", "紧急情况", "高优先级"}
    | {"urgent", "very urgent", "emergency", "critical", "asap", "important", "high priority", "top priority"}
)
"""What is taken for urgent at the head of a subject, when a rule names no words of its own. NFKC, lower case."""

_HEAD = re.compile(
    r"\s*(?:"
    r"(?:re|fwd?|aw|wg|答复|回复|转发|返信|転送)\s*(?:\[\d+\])?\s*:"  # what replying and forwarding put in front
    r"|[【\[(〔〖《〈「『{<≪]\s*(?P<bracket>[^】\])〕〗》〉」』}>≫]{0,60})[】\])〕〗》〉」』}>≫]"
    r"|[*★☆■□◆◇●○◎※!▲]{1,5}\s*(?P<mark>[^*★☆■□◆◇●○◎※!▲]{1,60}?)\s*[*★☆■□◆◇●○◎※!▲]{1,5}"
    r"|(?P<word>[^\s:!【\[(]{1,20})\s*[:!]"
    r")",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[・/、,+&|\s]+")
_NEGATIONS = frozenset({"not", "non", "no", "less"})
_MOST_HEADS = 10


def urgent_prefix(subject: str, words: frozenset[str] = URGENT_WORDS) -> str:
    """The first of ``words`` (folded) that heads the subject: 【緊急】, [URGENT], (至急), ★重要★, ``緊急:``; or empty.

    Other prefixes may stand before it (``Re:``, ``Fwd:``, a list's ``[ops:123]``). The subject is cut to 1,000 signs.
    """
    rest = unicodedata.normalize("NFKC", subject[:1000])
    for _ in range(_MOST_HEADS):
        head = _HEAD.match(rest)
        if head is None:
            return ""
        found = _word_in(head["bracket"] or head["mark"] or head["word"] or "", words)
        if found:
            return found
        rest = rest[head.end() :]
    return ""


def _word_in(text: str, words: frozenset[str]) -> str:
    """``緊急``, ``緊急!``, ``緊急・要対応``: the whole, or one of its parts."""
    whole = fold(text).strip(" !?.:※★")
    parts = [part.strip("!?.:") for part in _PARTS.split(whole)]
    if not _NEGATIONS.isdisjoint(parts):
        parts = []
    return next((one for one in (whole, *parts) if one in words), "")


class Unfit(StrEnum):
    """Why a mail opens no alert, whatever the rules say; ``BULK`` yields to a rule that includes bulk."""

    OWN = "own"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Finding:
    """That a mail is unfit, and the sign by which it is known: ``auto-submitted: auto-replied``."""

    kind: Unfit
    sign: str


def unfit(mail: Mail) -> Finding | None:
    """What kind of mail this is, if it is one that should wake nobody.

    A bounce is looked for before an auto-reply: a third of real bounces say ``auto-replied``. What says
    ``auto-generated`` (RFC 3834) is what monitoring writes, and is fit.
    """
    for kind, sign in (
        (Unfit.OWN, _own(mail)),
        (Unfit.BOUNCE, _bounce(mail)),
        (Unfit.AUTO_REPLY, _auto_reply(mail)),
        (Unfit.BULK, _bulk(mail)),
    ):
        if sign:
            return Finding(kind, sign)
    return None


def _own(mail: Mail) -> str:
    return next((name for name, _ in mail.headers if name.startswith("x-kidoku")), "")


def _bounce(mail: Mail) -> str:
    for name, value in mail.headers:
        word = fold(value).strip()
        if name == "return-path" and word.replace(" ", "") in ("", "<>"):
            return "return-path: <>"
        if name == "content-type" and word.startswith("multipart/report"):
            return "content-type: multipart/report"
        if name == "x-failed-recipients":
            return name
    local = fold(mail.sender).partition("@")[0]
    return f"from: {mail.sender}" if local in ("mailer-daemon", "mail-daemon") else ""


_REPLY_HEADERS = frozenset(
    {"x-autoreply", "x-auto-reply", "x-autorespond", "x-autoreply-from", "x-mail-autoreply", "x-vacation"}
    | {"x-autoresponder", "x-qq-auto-reply", "x-cybozu-auto-reply"}
)
_PRECEDENCE = ("precedence", "x-precedence")
_REPLY_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "autoreply", "vacation"})


def _auto_reply(mail: Mail) -> str:
    """RFC 3834's ``auto-replied``, and what was written before it. Exchange's out-of-office replies call themselves
    auto-generated: only their subject tells."""
    for name, value in mail.headers:
        word = re.split(r"[;(\s]", fold(value).strip(), maxsplit=1)[0]
        if name == "auto-submitted" and (
            word == "auto-replied" or (word == "auto-generated" and names_automatic(mail.subject))
        ):
            return f"auto-submitted: {word}"
        if name in _REPLY_HEADERS and word not in ("no", "none", "false"):
            return name
        if name in _PRECEDENCE and word in _REPLY_PRECEDENCE:
            return f"{name}: {word}"
    return ""


def _bulk(mail: Mail) -> str:
    if mail.list_id:
        return f"list-id: {mail.list_id}"
    for name, value in mail.headers:
        word = fold(value).strip()
        if name == "list-id":
            return f"list-id: {value.strip()}"
        if name in _PRECEDENCE and word in ("bulk", "list", "junk"):
            return f"{name}: {word}"
    return ""
