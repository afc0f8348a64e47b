"""Which mail becomes an alert, and under which policy.

The rules:

1. Rules are tried in order; the first that matches decides: a policy and a severity, or to ignore the mail.
2. All conditions of a rule must hold; of several values of one condition, any.
3. Kidoku's own mail, bounces and auto-replies open no alert, whatever the rules say. What calls itself
   auto-generated may.
4. Mail of lists and bulk mail is matched only by a rule that includes it, that names a list, or that ignores.
5. Text is compared after NFKC and without case. Of a subject 1,000 signs count, of a text 65,536 in pieces of 1,000,
   so that no mail keeps a regex busy for long.
6. Every rule that did not match says why.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from escalation.mail import Mail
from escalation.pattern import compiled, fold, matches_address, matches_word
from escalation.phrase import Phrase, either
from escalation.urgency import URGENT_WORDS, Finding, Unfit, high_importance, unfit, urgent_prefix
from escalation.why import Why, WhyCode

SUBJECT_CAP = 1000
TEXT_CAP = 65536
_PIECE = 1000
_OVERLAP = 200
_URGENT_PREFIX = Phrase("an urgent prefix")
_FLAGGED = {True: Phrase("flagged"), False: Phrase("not flagged")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One routing rule. An empty condition is no condition.

    ``accounts``, ``folders``, ``keywords`` and ``list_ids`` are words, globs or ``/regex/``; ``senders`` and
    ``recipients`` are addresses, domains, globs or ``/regex/``; ``subjects``, ``texts`` and the values of
    ``headers`` (all of which must match) are regexes. ``prefixes`` are words that may head the subject.
    """

    name: str
    policy: str = ""
    is_ignore: bool = False
    severity: str = "critical"
    include_bulk: bool = False
    accounts: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    list_ids: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    is_important: bool = False
    is_flagged: bool | None = None
    keywords: tuple[str, ...] = ()
    prefixes: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()

    @property
    def takes_bulk(self) -> bool:
        return self.include_bulk or self.is_ignore or bool(self.list_ids)


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What one rule said of a mail."""

    rule: str
    matched: bool
    why: tuple[Why, ...]

    @property
    def sentence(self) -> str:
        return "; ".join(why.sentence for why in self.why)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a mail. ``rule`` is the name of the one that matched; ``policy`` is None where no alert opens.

    ``ignored``: a rule said so. ``unfit``: what kind of mail it is, if one that should wake nobody.
    ``trail`` has every rule, in order.
    """

    rule: str | None
    policy: str | None
    severity: str
    ignored: bool
    trail: tuple[RuleOutcome, ...]
    unfit: Finding | None = None

    @property
    def opens(self) -> bool:
        """Whether an alert opens by it."""
        return self.policy is not None and not self.ignored

    @property
    def is_excluded(self) -> bool:
        """Whether nothing may come of it at all: not even news in a thread that is an alert already."""
        return self.ignored or (self.unfit is not None and self.unfit.kind is not Unfit.BULK)


def needs_text(rules: Iterable[Rule]) -> bool:
    """Whether any rule looks into the text, so that it must be fetched and decoded."""
    return any(rule.texts for rule in rules)


def route(rules: Iterable[Rule], mail: Mail) -> Verdict:
    """Try the rules in order (rules 1 to 6). Never raises, whatever the mail holds; ``re.error`` for a rule's own
    regex that is none, which the settings refuse."""
    finding = unfit(mail)
    match: Rule | None = None
    trail: list[RuleOutcome] = []
    for rule in rules:
        if match is not None:
            why: tuple[Why, ...] = (Why(WhyCode.EARLIER, False, found=match.name),)
            trail.append(RuleOutcome(rule.name, False, why))
            continue
        why = _tried(rule, mail, finding)
        trail.append(RuleOutcome(rule.name, all(one.holds for one in why), why))
        if trail[-1].matched:
            match = rule
    return _verdict(match, tuple(trail), finding)


def _verdict(rule: Rule | None, trail: tuple[RuleOutcome, ...], finding: Finding | None) -> Verdict:
    if rule is None:
        return Verdict(None, None, "", False, trail, finding)
    if rule.is_ignore:
        return Verdict(rule.name, None, "", True, trail, finding)
    return Verdict(rule.name, rule.policy, rule.severity, False, trail, finding)


def _tried(rule: Rule, mail: Mail, finding: Finding | None) -> tuple[Why, ...]:
    """Why this rule matches (all hold), or why not (those that do not). The text comes last: it is the dearest."""
    if finding is not None and not (finding.kind is Unfit.BULK and rule.takes_bulk):
        return (Why(WhyCode(finding.kind.value), False, found=finding.sign),)
    tried = tuple(_conditions(rule, mail))
    failed = tuple(why for why in tried if not why.holds)
    if not failed and rule.texts:
        tried += (_text(rule.texts, mail.text),)
        failed = tuple(why for why in tried[-1:] if not why.holds)
    return failed or tried or (Why(WhyCode.ALL, True),)


def _conditions(rule: Rule, mail: Mail) -> Iterator[Why]:
    for code, wanted, found, matches in (
        (WhyCode.ACCOUNT, rule.accounts, (mail.account,), matches_word),
        (WhyCode.FOLDER, rule.folders, (mail.folder,), matches_word),
        (WhyCode.SENDER, rule.senders, (mail.sender,), matches_address),
        (WhyCode.RECIPIENT, rule.recipients, mail.to, matches_address),
        (WhyCode.LIST_ID, rule.list_ids, _list_ids(mail), matches_word),
        (WhyCode.KEYWORD, rule.keywords, tuple(sorted(mail.flags)), matches_word),
    ):
        if wanted:
            yield _words(code, wanted, found, matches)
    yield from _subject(rule, mail)
    yield from (_header(name, regex, mail) for name, regex in rule.headers)
    if rule.is_important:
        sign = high_importance(mail)
        yield Why(WhyCode.IMPORTANCE, bool(sign), "high", sign)
    if rule.is_flagged is not None:
        yield _flagged(rule.is_flagged, mail)


def _list_ids(mail: Mail) -> tuple[str, ...]:
    """The id alone, and the header as it stands: ``Ops <ops.company.example>`` (RFC 2919)."""
    inner = mail.list_id.rpartition("<")[2].partition(">")[0].strip()
    return tuple(dict.fromkeys((inner, mail.list_id)))


def _words(code: WhyCode, wanted: tuple[str, ...], found: tuple[str, ...], matches: Callable[[str, str], bool]) -> Why:
    hits = [text for text in found if text and any(matches(one, text) for one in wanted)]
    return Why(code, bool(hits), either(wanted), ", ".join(hits[:1] or found)[:300])


def found_in_subject(regexes: tuple[str, ...], subject: str) -> str | None:
    """What the first of these regexes that finds anything in a subject finds (rule 5); None if none does."""
    return _search(regexes, [unicodedata.normalize("NFKC", subject[:SUBJECT_CAP])[:SUBJECT_CAP]])


def _subject(rule: Rule, mail: Mail) -> Iterator[Why]:
    if rule.subjects:
        found = found_in_subject(rule.subjects, mail.subject)
        yield Why(WhyCode.SUBJECT, found is not None, _slashed(rule.subjects), found or "")
    if rule.prefixes:
        words = frozenset(fold(word) for word in rule.prefixes)
        wanted = _URGENT_PREFIX if rule.prefixes is URGENT_WORDS else either(sorted(rule.prefixes))
        prefix = urgent_prefix(mail.subject, words)
        yield Why(WhyCode.PREFIX, bool(prefix), wanted, prefix)


def _header(name: str, regex: str, mail: Mail) -> Why:
    key = name.lower()
    values = [value[:SUBJECT_CAP] for header, value in mail.headers if header == key]
    if not values:
        return Why(WhyCode.NO_HEADER, False, name)
    texts = [unicodedata.normalize("NFKC", value)[:SUBJECT_CAP] for value in values]
    return Why(WhyCode.HEADER, _search((regex,), texts) is not None, f"/{regex}/", f"{name}: {values[0][:100]}")


def _flagged(wanted: bool, mail: Mail) -> Why:
    is_flagged = any(flag.lower() == "\\flagged" for flag in mail.flags)
    return Why(WhyCode.FLAGGED, is_flagged is wanted, _FLAGGED[wanted], _FLAGGED[is_flagged])


def _text(regexes: tuple[str, ...], text: str) -> Why:
    found = _search(regexes, _pieces(unicodedata.normalize("NFKC", text[:TEXT_CAP])[:TEXT_CAP]))
    return Why(WhyCode.TEXT, found is not None, _slashed(regexes), found or "")


def _pieces(text: str) -> Iterator[str]:
    """The lines; a long one in pieces that overlap, so that what is quadratic in a regex stays bearable."""
    for line in text.splitlines():
        for start in range(0, max(1, len(line) - _OVERLAP), _PIECE - _OVERLAP):
            yield line[start : start + _PIECE]


def _search(regexes: tuple[str, ...], texts: Iterable[str]) -> str | None:
    """What the first regex finds in the first text, cut for showing; None if none does."""
    searches = [compiled(regex) for regex in regexes]
    for text in texts:
        for search in searches:
            found = search.search(text)
            if found is not None:
                return found[0][:100]
    return None


def _slashed(regexes: tuple[str, ...]) -> str:
    return either(f"/{regex}/" for regex in regexes)
