"""What becomes of mail, and whose it is: the settings as intake needs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.settings import Settings
from escalation.policy import EscalationPolicy
from escalation.receipt import ReceiptKind
from escalation.routing import Rule
from escalation.silence import Maintenance


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose mailbox an account is: a person's, or a team's."""

    id: str
    is_team: bool = False

    @property
    def seen(self) -> ReceiptKind:
        return ReceiptKind.SEEN_SHARED if self.is_team else ReceiptKind.SEEN


@dataclass(frozen=True, slots=True)
class Routes:
    """What intake decides with: the rules, the policies they name, the owner of each account, and the maintenance
    windows."""

    rules: tuple[Rule, ...]
    policies: Mapping[str, EscalationPolicy]
    owners: Mapping[str, Owner]
    maintenance: tuple[Maintenance, ...] = ()


NO_ROUTES = Routes((), MappingProxyType({}), MappingProxyType({}))


def routes_of(settings: Settings) -> Routes:
    """What becomes of mail by these settings."""
    return Routes(settings.routing_rules(), settings.escalation_policies(), owners(settings), settings.maintenance())


def owners(settings: Settings) -> dict[str, Owner]:
    """Whose mailbox each account is."""
    return {
        name: Owner(account.team, is_team=True) if account.team else Owner(account.owner or name)
        for name, account in settings.imap.items()
    }
