"""Who may do what. The one place where a role is asked for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from bot.chatops.vocabulary import Name
from escalation.phrase import N_
from escalation.roster import Roster


class Role(IntEnum):
    """Each may do what those before it may. A viewer looks; a responder works on alerts; a manager changes the duties
    of others; an admin may do everything."""

    VIEWER = 1
    RESPONDER = 2
    MANAGER = 3
    ADMIN = 4


ROLE_WORDS: Mapping[Role, str] = MappingProxyType(
    {Role.VIEWER: N_("viewer"), Role.RESPONDER: N_("responder"), Role.MANAGER: N_("manager"), Role.ADMIN: N_("admin")}
)

NEEDED: Mapping[str, Role] = MappingProxyType(
    {
        Name.STATUS: Role.VIEWER,
        Name.LIST: Role.VIEWER,
        Name.WHO: Role.VIEWER,
        Name.WHY: Role.VIEWER,
        Name.SILENCES: Role.VIEWER,
        Name.SIMULATE: Role.VIEWER,
        Name.REPORT: Role.VIEWER,
        Name.SUBSCRIBE: Role.VIEWER,
        Name.UNSUBSCRIBE: Role.VIEWER,
        Name.LANG: Role.VIEWER,
        Name.HELP: Role.VIEWER,
        Name.TRANSLATE: Role.RESPONDER,
        Name.ACK: Role.RESPONDER,
        Name.RESOLVE: Role.RESPONDER,
        Name.SNOOZE: Role.RESPONDER,
        Name.ESCALATE: Role.RESPONDER,
        Name.REMIND: Role.RESPONDER,
        Name.NOTE: Role.RESPONDER,
        Name.APPROVE: Role.RESPONDER,
        Name.RECALL: Role.RESPONDER,
        Name.OVERRIDE: Role.RESPONDER,
        Name.SEND: Role.RESPONDER,
        Name.SWAP: Role.RESPONDER,
        Name.SILENCE: Role.RESPONDER,
        Name.UNSILENCE: Role.RESPONDER,
        "pass_on": Role.RESPONDER,
        "call_back": Role.RESPONDER,
        "accept": Role.RESPONDER,
        "decline": Role.RESPONDER,
        Name.CONFIRM: Role.VIEWER,
        "test": Role.VIEWER,
        "code": Role.VIEWER,
    }
)
"""What each command or button asks for. ``override`` is about one's own duty: that of others asks for ``FOR_OTHERS``,
and so does a silence that is longer than a few hours; ``accept`` and ``decline`` answer a swap that one is asked for,
``confirm``, ``test`` and ``code`` are about one's own contact."""

FOR_OTHERS = Role.MANAGER


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of the settings. A person's own goes before those of their teams, the highest of these before
    ``everybody``'s, which all others of the settings have. A room gives those who are known, and only there, at least
    its own."""

    everybody: Role = Role.RESPONDER
    people: Mapping[str, Role] = field(default_factory=dict)
    teams: Mapping[str, Role] = field(default_factory=dict)
    rooms: Mapping[str, Role] = field(default_factory=dict)

    def of(self, person: str, roster: Roster, rooms: Collection[str] = ()) -> Role:
        """The role of a person of the settings; ``rooms`` are the names ("#ops") of where they are."""
        there = max((self.rooms[one] for one in rooms if one in self.rooms), default=Role.VIEWER)
        return max(self._own(person, roster), there)

    def managers(self, roster: Roster) -> tuple[str, ...]:
        """Whom the settings name as managers, by themselves or by a team; where they name none, the admins."""
        for role in (Role.MANAGER, Role.ADMIN):
            found = tuple(id for id in roster.people if self._named(id, roster) is role)
            if found:
                return found
        return ()

    def _own(self, person: str, roster: Roster) -> Role:
        return self._named(person, roster) or self.everybody

    def _named(self, person: str, roster: Roster) -> Role | None:
        if person in self.people:
            return self.people[person]
        return max((role for team, role in self.teams.items() if person in roster.teams.get(team, ())), default=None)


def may(role: Role, verb: str, *, is_for_others: bool = False) -> bool:
    """Whether a role is enough; a verb that nobody has thought of needs the highest."""
    return role >= needed(verb, is_for_others=is_for_others)


def needed(verb: str, *, is_for_others: bool = False) -> Role:
    return FOR_OTHERS if is_for_others else NEEDED.get(verb, Role.ADMIN)


def rooms_named(roster: Roster, channel: str, addresses: Collection[str]) -> tuple[str, ...]:
    """What the settings call the room that a channel calls by one of these."""
    return tuple(name for name, ids in roster.rooms.items() if ids.get(channel) in addresses and channel in ids)
