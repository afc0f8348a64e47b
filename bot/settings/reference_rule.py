"""Faults in which mail is urgent, and when it is not."""

from collections.abc import Iterator

from bot.settings.model import Document
from bot.settings.names import Names
from bot.settings.problem import Fault
from bot.settings.unknown import unknown
from escalation.pattern import fold
from escalation.phrase import Phrase


def rule_faults(document: Document, names: Names) -> Iterator[Fault]:
    """Names that two rules or maintenance windows have, and references to what is not there."""
    yield from _rules(document, names)
    yield from _maintenance(document, names)


def _rules(document: Document, names: Names) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for number, rule in enumerate(document.rules):
        loc = ("rules", number)
        if seen.setdefault(rule.name, number) != number:
            message = Phrase("another rule is named %(name)s", name=rule.name)
            yield Fault((*loc, "name"), message, Phrase("give each rule its own name"))
        if rule.policy is not None and rule.policy not in names.policies:
            yield unknown((*loc, "policy"), "policy", rule.policy, names.policies, "policies")
        for place, account in enumerate(rule.when.account):
            if not set("*?/") & set(account) and account not in names.accounts:
                yield unknown((*loc, "when", "account", place), "account", account, names.accounts, "imap")


def _maintenance(document: Document, names: Names) -> Iterator[Fault]:
    rules = {rule.name: rule for rule in document.rules}
    seen: dict[str, int] = {}
    for number, one in enumerate(document.maintenance):
        loc = ("maintenance", number)
        if seen.setdefault(fold(one.name), number) != number:
            message = Phrase("another maintenance window is named %(name)s", name=one.name)
            yield Fault((*loc, "name"), message, Phrase("give each its own name"))
        if one.window == "always":
            fix = Phrase("name a window that ends, or take the rule away")
            yield Fault((*loc, "window"), Phrase("it would never end"), fix)
        elif one.window is not None and one.window not in names.known_windows:
            known = names.known_windows - {"always"}
            yield unknown((*loc, "window"), "window", one.window, known, "windows")
        for place, rule in enumerate(one.when.rule):
            at = (*loc, "when", "rule", place)
            if rule not in rules:
                yield unknown(at, "rule", rule, frozenset(rules), "rules")
            elif rules[rule].ignore:
                message = Phrase("the rule %(name)s opens no alert anyway", name=rule)
                yield Fault(at, message, Phrase("name a rule with a policy"))
