"""The words by which a subject says that a machine answered: "Automatic reply: …", 【不在】, "X is out of the office".

The rules:

1. ``Re:`` (AW:, 回复: …) says that what follows was written before, so words there prove nothing; but a tag does, which
   answering machines put before or after the old subject: in brackets, before a colon, or all that there is.
2. Where the old subject is known, it is taken out of the new one, and the words count wherever they stand in the rest.
3. Without ``Re:`` the subject is the answer's own, and its first words count.

It is a list of words, which a person may write, too; but who is taken for a machine is paged once more, no less.
"""

import re
import unicodedata

MOST_SUBJECT = 500
MOST_PREFIXES = 10

_ANSWERED = (
    r"(?:auto(?:mat\w{0,8})?\W{0,2}(?:repl(?:y|ies)|answer|antwoo?r[dt]\w{0,3}|svar|vastaus|odpow\w{0,8}|odpov\w{0,8}"
    r"|odgovor)|(?:vacation|absence) repl(?:y|ies)|out[ -]of[ -](?:the )?office(?:[ -]?auto[ -]?reply)?"
    r"|abwesenheits?\w{0,20}|r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|fuera de (?:la )?oficina"
    r"|risposta automatica|fuori (?:sede|ufficio)|resposta autom[áa]tica|автоответ\w{0,6}|автоматический ответ"
    r"|自動(?:応答|返信|返答|回覆|答覆|應答)|自动(?:答复|回复|应答|回覆)|不在(?:通知|応答|返信)"
    r"|자동 ?(?:응답|회신|답장))"
)
"""What nothing but an answering machine calls its mail."""
_ABSENT = (
    r"(?:ooo|away(?: from (?:my|the) (?:mail|office|desk))?|(?:on |i am on )?(?:vacation|holidays?|annual leave)"
    r"|on leave|absen(?:ce|t)|abwesen\w{0,8}|不在|休暇|外出|出張|休假|出差|年假"
    r"|(?:夏[季期]?|冬[季期]?|年末年始|臨時)休[業暇]"
    r"|年末年始|お盆休み|부재)"
)
_TAKEN = (
    r"(?:automat\w{0,8}[ -]?generated|auto(?:mat\w{0,8})?\W{0,2}respon[sd]\w{0,6}|自動回復"
    r"|thank you for (?:your|contacting)|(?:your )?ticket (?:has been )?(?:received|created|opened)"
    r"|(?:お問い?合わ?せ|チケット|ご?依頼|ご?連絡|メール)を?(?:受け?付け?|受理|受領|受信)\w{0,6})"
)
_I_AM = (
    r"\b(?:i ?[’']? ?a?m|we are) (?:currently |now )?(?:away|ooo|out\b"
    r"|on (?:\w+ ){0,2}(?:leave|vacation|holiday|trip|pto))"
)
_SOMEBODY_IS = (
    r".{1,80}? (?:is|am|are|will be) (?:currently |now )?(?:(?:out|away) (?:of|from) (?:the |my )?office|ooo\b)"
)
_WORD = f"(?:{_ANSWERED}|{_ABSENT}|{_TAKEN})"
_REST = (
    r"(?:期間)?(?:中|時)?(?:です|につき|のため)?(?:の?(?:お知らせ|ご?連絡|ご?案内|通知|通告|メール|メッセージ|邮件|郵件))?"
    r"(?: ?(?:message|notice|notification|reply|mail|e-mail))?"
)
"""What may follow the word within a tag that says nothing else."""
_OPEN, _CLOSED = r"[\[【〔〖《〈「『(<≪{]", r"[\]】〕〗》〉」』)>≫}]"

_PREFIX = re.compile(
    r"\s*(?:re|fwd?|aw|wg|sv|vs|vb|vl|tr|ref|rif|res|enc|antw|odp|pd|odgovor|ynt|ilt|回复|回覆|答复|答覆|返信|转发|轉寄|転送|답장)"
    r"\s*(?:[\[(^]?\d{1,3}[\])]?)?\s*:\s*",
    re.IGNORECASE,
)
_LABEL = re.compile(rf"\s*{_OPEN}[^\]】〕〗》〉」』)>≫}}]{{0,60}}{_CLOSED}\s*")
_TAG = re.compile(
    rf"\s*(?:{_OPEN}\s*{_WORD}{_REST}\s*{_CLOSED}|(?:{_WORD}{_REST}|auto)\s*:|{_WORD}{_REST}[\s.!。]*\Z)",
    re.IGNORECASE,
)
_LAST_TAG = re.compile(rf"{_OPEN}\s*{_WORD}{_REST}\s*{_CLOSED}\s*\Z", re.IGNORECASE)
_ANSWERED_TAG = re.compile(
    rf"\s*(?:{_OPEN}\s*{_ANSWERED}{_REST}\s*{_CLOSED}|(?:{_ANSWERED}{_REST}|auto)\s*:|{_ANSWERED}{_REST}\s*\Z)",
    re.IGNORECASE,
)
_FIRST_WORDS = re.compile(rf"\s*(?:{_WORD}|auto:|{_I_AM}|{_SOMEBODY_IS})", re.IGNORECASE)
_ANYWHERE = re.compile(rf"(?<![^\W_]){_WORD}|(?<![^\W_])auto:|{_I_AM}|{_SOMEBODY_IS}|{_ANSWERED}", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def is_away(subject: str, original: str = "") -> bool:
    """Does this subject of an answer say that no person wrote it? ``original`` is what was answered, "" if unknown."""
    text, old = _even(subject), _even(original)
    old = old[_behind_prefixes(old) :]
    own = _without(text, old) if old else None
    if own is not None:
        return _ANYWHERE.search(own) is not None
    if _LAST_TAG.search(text) is not None:
        return True
    rest, is_answer = _unprefixed(text)
    first = _FIRST_WORDS if not is_answer or old else _TAG
    return any(first.match(text, place) is not None or _TAG.match(text, place) is not None for place in rest)


def names_automatic(subject: str) -> bool:
    """Does it begin with a tag of automatic answers? Less than ``is_away``: a holiday may be what a page is about."""
    text = _even(subject)
    return any(_ANSWERED_TAG.match(text, place) is not None for place in _unprefixed(text)[0])


def _even(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text[:MOST_SUBJECT])).strip()


def _without(text: str, old: str) -> str | None:
    """What was written around the old subject; None if that is not all at the end, or the beginning, of the new one.

    The bare subject without any ``Re:`` is none that a mail program makes of an old one: then all of it counts.
    """
    if _are_same(text, old):
        return None
    before, last = text[: -len(old)], text[-len(old) :]
    if _are_same(last, old) and _is_edge(before[-1:], old[0]):
        return before
    text = text[_behind_prefixes(text) :]
    first, after = text[: len(old)], text[len(old) :]
    return after if _are_same(first, old) and _is_edge(old[-1], after[:1]) else None


def _are_same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _is_edge(left: str, right: str) -> bool:
    return not (left.isalnum() and right.isalnum())


def _unprefixed(text: str) -> tuple[list[int], bool]:
    """Where the subject may begin: before and behind labels such as ``[ops]``; and whether a ``Re:`` stood before."""
    places, is_answer, place = [0], False, 0
    while len(places) <= MOST_PREFIXES:
        prefix = _PREFIX.match(text, place)
        found = prefix or _LABEL.match(text, place)
        if found is None:
            break
        is_answer = is_answer or prefix is not None
        place = found.end()
        places.append(place)
    return places, is_answer


def _behind_prefixes(text: str) -> int:
    place = 0
    while match := _PREFIX.match(text, place):
        place = match.end()
    return place
