"""The language in which Kidoku speaks to somebody."""

from bot.desk import Desk
from bot.language import Words
from bot.store.record import AuditEntry, AuditOutcome
from escalation.roster import Person


async def speak(desk: Desk, person: Person, language: str, via: str) -> str:
    """Keep what a person chose (ja, en, zh), with its line in the audit trail; the answer is in that language."""
    await desk.tx.choose_language(person.id, language, desk.now)
    desk.is_roster_changed = True
    entry = AuditEntry(at=desk.now, who=person.id, via=via, verb="lang", outcome=AuditOutcome.DONE, argument=language)
    await desk.tx.add_audit(entry)
    return Words(language, person.zone).gettext("From now on Kidoku speaks English to you.")
