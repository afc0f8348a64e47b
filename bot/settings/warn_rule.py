"""Warnings about routing rules: those that can never match, regexes that a hostile mail can make slow."""

from collections.abc import Iterator
from dataclasses import fields

from bot.settings.build import Settings
from bot.settings.problem import Fault, Loc
from escalation.pattern import matches_word, may_be_slow, written_regex
from escalation.phrase import N_, Phrase
from escalation.policy import EscalationPolicy, TargetKind
from escalation.routing import Rule

_ANY_OF = {one.name for one in fields(Rule) if str(one.type).startswith(("tuple[str, ...]", "frozenset[str]"))}


def rule_warnings(settings: Settings) -> Iterator[Fault]:
    """What is odd in the rules, and between them and the policies and mailboxes."""
    rules = settings.routing_rules()
    for number, rule in enumerate(rules):
        earlier = next((one for one in rules[:number] if covers(one, rule)), None)
        if earlier is not None:
            message = Phrase("it can never match: %(rule)s before it matches every such mail", rule=earlier.name)
            fix = Phrase("put it before that rule, or take it away")
            yield Fault(("rules", number), message, fix, is_warning=True)
        yield from _slow(number, settings)
        yield from _all(number, rule)
    named = {rule.policy for rule in rules}
    for name, policy in settings.escalation_policies().items():
        if name not in named and not (settings.smtp is not None and _suits_sent_mail(policy)):
            message, fix = Phrase("no rule names this policy"), Phrase("name it in a rule, or take it away")
            yield Fault(("policies", name), message, fix, is_warning=True, is_key=True)
    yield from _mailbox_warnings(settings, rules)


def _suits_sent_mail(policy: EscalationPolicy) -> bool:
    """Whether it may be there for what the team sends: no rule names such a one."""
    steps = (step for ladder in policy.ladders for step in ladder.steps)
    return any(target.kind is TargetKind.UNREAD for step in steps for target in step.action.targets)


def covers(earlier: Rule, later: Rule) -> bool:
    """Whether every mail that ``later`` matches is certain to match ``earlier``. False where it can't be told."""
    if later.takes_bulk and not earlier.takes_bulk:
        return False
    if earlier.is_important and not later.is_important:
        return False
    if earlier.is_flagged not in (None, later.is_flagged):
        return False
    if not set(earlier.headers) <= set(later.headers):
        return False
    return all(_wider(getattr(earlier, name), getattr(later, name)) for name in _ANY_OF)


def _wider(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Of values of which any is enough: none at all, or at least all of the other's."""
    return not one or (bool(other) and set(other) <= set(one))


def _all(number: int, rule: Rule) -> Iterator[Fault]:
    """One without a condition: a newsletter at night would wake somebody."""
    if rule.policy and covers(rule, Rule(name="any")):
        message = Phrase("every mail that no earlier rule matched is urgent by this one")
        fix = Phrase("add a condition under when, such as prefix: true")
        yield Fault(("rules", number), message, fix, is_warning=True)


def _slow(number: int, settings: Settings) -> Iterator[Fault]:
    for loc, regex in _regexes(number, settings):
        if may_be_slow(regex):
            form = N_("a repetition inside a repetition in %(regex)s: a hostile mail can make it take for ever")
            fix = Phrase("repeat only once: a+ instead of (a+)+")
            yield Fault(loc, Phrase(form, regex=repr(regex)), fix, is_warning=True)


def _regexes(number: int, settings: Settings) -> Iterator[tuple[Loc, str]]:
    when = settings.document.rules[number].when
    loc: Loc = ("rules", number, "when")
    for key, values in (("subject", when.subject), ("body", when.body)):
        yield from (((*loc, key, place), value) for place, value in enumerate(values))
    yield from (((*loc, "header", name), value) for name, value in when.header.items())
    for key, values in (("from", when.sender), ("to", when.to), ("list_id", when.list_id)):
        for place, value in enumerate(values):
            regex = written_regex(value)
            if regex is not None:
                yield (*loc, key, place), regex


def _mailbox_warnings(settings: Settings, rules: tuple[Rule, ...]) -> Iterator[Fault]:
    if not settings.imap:
        yield Fault((), Phrase("no mailbox is watched"), Phrase("add one under imap"), is_warning=True)
    for name, shape in settings.document.policies.items():
        if shape.read_by.is_any:
            continue
        shared = sorted({account for rule in rules if rule.policy == name for account in _shared(rule, settings)})
        if shared:
            form = N_("%(accounts)s is shared: read there means that somebody read, which counts for any only")
            fix = Phrase("write read_by: any, or watch the readers' own mailboxes")
            message = Phrase(form, accounts=", ".join(shared))
            yield Fault(("policies", name, "read_by"), message, fix, is_warning=True)


def _shared(rule: Rule, settings: Settings) -> Iterator[str]:
    for name, account in settings.imap.items():
        if account.team and (not rule.accounts or any(matches_word(one, name) for one in rule.accounts)):
            yield name
