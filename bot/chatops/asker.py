"""Who asks, where, and whether they may."""

from dataclasses import dataclass
from datetime import datetime

from bot.chatops.role import ROLE_WORDS, Role, may, needed
from bot.language import Words
from bot.refusal import DeniedError
from bot.store.record import AuditEntry, AuditOutcome
from escalation.roster import Person


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody of the settings who types or presses: where, and what they may do there."""

    person: Person
    via: str
    role: Role
    words: Words
    zone: str
    rooms: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.person.id

    def entry(self, at: datetime, verb: str, outcome: AuditOutcome, argument: str = "") -> AuditEntry:
        """The line of the audit trail."""
        return AuditEntry(at=at, who=self.id, via=self.via, verb=verb, outcome=outcome, argument=argument)


def let_in(asker: Asker, verb: str, *, is_for_others: bool = False) -> None:
    """Raises DeniedError, worded, if the role of whoever asks is not enough."""
    if may(asker.role, verb, is_for_others=is_for_others):
        return
    words = asker.words
    roles = {
        "role": words.gettext(ROLE_WORDS[asker.role]),
        "needed": words.gettext(ROLE_WORDS[needed(verb, is_for_others=is_for_others)]),
    }
    raise DeniedError(words.gettext("Your role here is %(role)s; this needs %(needed)s.") % roles)
