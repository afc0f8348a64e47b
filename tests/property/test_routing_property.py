"""Properties of routing: any mail gets a verdict, the first match decides, and what should wake nobody never does."""

import re
import unicodedata
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.settings.warn_rule import covers
from escalation.mail import Mail
from escalation.pattern import fold, folded, matches_address, matches_word
from escalation.routing import Rule, route
from escalation.urgency import URGENT_WORDS, Unfit, urgent_prefix

AT = datetime(2026, 5, 3, 2, 0, tzinfo=UTC)
WORDS = st.sampled_from(["a", "b", "alice", "noc@x.example", "x.example", "緊急", "ＡＢ", ""])
TEXTS = st.one_of(WORDS, st.text(max_size=30))
HEADER_NAMES = st.sampled_from(
    ["importance", "x-priority", "precedence", "auto-submitted", "list-id", "return-path", "content-type", "x-kidoku-a"]
)
HEADER_VALUES = st.one_of(
    st.sampled_from(["high", "1 (Highest)", "bulk", "auto-replied", "auto-generated", "<>", "multipart/report"]), TEXTS
)
MAILS = st.builds(
    Mail,
    message_id=st.just("m@x.example"),
    account=st.sampled_from(["alice", "b"]),
    folder=st.sampled_from(["INBOX", "a"]),
    received_at=st.just(AT),
    subject=TEXTS,
    sender=TEXTS,
    to=st.tuples(TEXTS) | st.just(()),
    headers=st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=3).map(tuple),
    list_id=st.sampled_from(["", "x.example"]),
    flags=st.frozensets(st.sampled_from(["\\Flagged", "\\Seen", "a"])),
    text=TEXTS,
)
SOME = st.lists(st.sampled_from(["a", "b", "x.example", "*", "alice", "/[ab]/"]), max_size=2).map(tuple)
REGEXES = st.lists(st.sampled_from(["a", "b", ".", "緊急", "^$", "ＡＢ"]), max_size=2).map(tuple)
RULES = st.builds(
    Rule,
    name=st.sampled_from(["one", "two", "three"]),
    policy=st.just("p"),
    is_ignore=st.booleans(),
    include_bulk=st.booleans(),
    accounts=SOME,
    senders=SOME,
    recipients=SOME,
    list_ids=SOME,
    keywords=SOME,
    subjects=REGEXES,
    texts=REGEXES,
    headers=st.lists(st.tuples(st.sampled_from(["Importance", "Precedence"]), st.just(".")), max_size=1).map(tuple),
    is_important=st.booleans(),
    is_flagged=st.sampled_from([None, True, False]),
    prefixes=st.sampled_from([frozenset[str](), URGENT_WORDS, frozenset({"a"})]),
)


@given(st.lists(RULES, max_size=5), MAILS)
def test_the_verdict_is_that_of_the_first_rule_that_matches_alone(rules: list[Rule], mail: Mail) -> None:
    verdict = route(rules, mail)
    alone = [route([rule], mail) for rule in rules]
    first = next((one for one in alone if one.rule is not None), None)
    assert (verdict.rule, verdict.policy, verdict.ignored) == (
        (None, None, False) if first is None else (first.rule, first.policy, first.ignored)
    )
    assert [one.rule for one in verdict.trail] == [rule.name for rule in rules]
    assert sum(one.matched for one in verdict.trail) == (first is not None)
    assert all(one.sentence for one in verdict.trail)


@given(st.lists(RULES, max_size=5), MAILS)
def test_what_should_wake_nobody_never_opens_an_alert(rules: list[Rule], mail: Mail) -> None:
    verdict = route(rules, mail)
    if verdict.unfit is not None and verdict.unfit.kind is not Unfit.BULK:
        assert verdict.rule is None
        assert verdict.policy is None
        assert verdict.is_excluded


@given(RULES, RULES, MAILS)
def test_a_rule_that_covers_another_matches_all_that_the_other_does(earlier: Rule, later: Rule, mail: Mail) -> None:
    if covers(earlier, later) and route([later], mail).rule is not None:
        assert route([earlier], mail).rule is not None


@given(RULES)
def test_a_rule_without_conditions_covers_every_rule(rule: Rule) -> None:
    assert covers(Rule(name="all", include_bulk=True), rule)
    assert covers(rule, rule)


@given(
    st.text(max_size=200), st.sampled_from(sorted(URGENT_WORDS)), st.sampled_from(["[]", "()", "【】", "［］", "（）"])
)
def test_an_urgent_word_in_brackets_is_found_in_any_width_and_case(rest: str, word: str, brackets: str) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) if "a" <= one <= "z" else one for one in word)
    for shape in (word, word.upper(), wide):
        assert urgent_prefix(f"{brackets[0]}{shape}{brackets[1]}{rest}") == word


@given(st.text(max_size=300))
def test_any_subject_has_an_answer(subject: str) -> None:
    assert urgent_prefix(subject) in URGENT_WORDS | {""}


@given(st.text(max_size=50), st.text(max_size=50))
def test_any_word_and_address_can_be_compared(pattern: str, text: str) -> None:
    if not (pattern.startswith("/") and pattern.endswith("/")):
        assert matches_word(pattern, text) in (True, False)
        assert matches_address(pattern, text) in (True, False)


@given(st.text(alphabet="ＡＢ［］（）＊緊急㈱ｶﾞ", min_size=1, max_size=20))
def test_what_is_full_width_in_a_regex_means_itself(literal: str) -> None:
    assert re.fullmatch(folded(literal), unicodedata.normalize("NFKC", literal))
    assert fold(fold(literal)) == fold(literal)
