"""Text messages: what people write back, and who wants none any more."""

from collections.abc import Awaitable, Callable

import structlog

from bot.chatops import own
from bot.chatops.asker import Asker
from bot.chatops.contact import digits_of, without_codes
from bot.desk import Desk
from bot.language import N_
from bot.post import open_tokens
from bot.reception import Reception
from bot.refusal import BadArgumentError
from bot.reply import parse as parse_reply
from bot.store.record import NotificationState
from bot.tokens import CODE_DIGITS
from channels.inbox import Actor, Press, Reply, Texted
from channels.message import Verb
from escalation.command import AlarmKind
from escalation.roster import Person

log = structlog.get_logger(__name__)
_HOW = N_(
    "Write the number of the alert and a letter: 42 a takes it, 42 e asks for the next step, 42 s 30m is silent for "
    "30 minutes, 42 r resolves it."
)


def _named(person: Person, channel: str) -> str:
    """ "Alice (SMS)": whom the administrators can't tell there any more."""
    return f"{person.name} ({_SHOWN.get(channel, channel)})"


_SHOWN = {"sms": "SMS", "whatsapp": "WhatsApp"}


def _stopped(channel: str, address: str) -> str:
    return f"stopped:{channel}:{address}"


async def _is_replayed(desk: Desk, channel: str, dedup: str) -> bool:
    """Whether what somebody wrote, by the provider's id of it, has been heard before. It is remembered as long as
    whatever else counts once."""
    if not dedup or await desk.tx.first_time(f"wish:{channel}", dedup, desk.now):
        return False
    log.warning("A wish to stop or start that was heard before was passed over", channel=channel)
    return True


class Texting:
    """``press`` is what is done where what was written counts."""

    def __init__(self, reception: Reception, press: Callable[[Press], Awaitable[Reply]]) -> None:
        self._reception = reception
        self._engine = reception.engine
        self._press = press

    async def texted(self, texted: Texted) -> Reply:
        """Carry out what somebody wrote. A number can be forged: it counts only for alerts that were told there."""
        asker = self._reception.asker_of(texted.actor)
        if asker is None:
            log.warning("A text message of somebody unknown was passed over", channel=texted.actor.channel)
            await self._reception.keep(self._reception.by_stranger(texted.actor, "", without_codes(texted.text)))
            return Reply("", is_done=False)
        digits = digits_of(texted.text)
        if len(digits) == CODE_DIGITS:
            return await self._code(texted, digits, asker)
        answer = parse_reply(texted.text)
        if answer is None:
            said = without_codes(texted.text)
            return await self._reception.refuse(BadArgumentError(asker.words.gettext(_HOW)), asker, "", said)
        if not await self._was_told(answer.alert_id, texted.actor):
            said = asker.words.gettext("#%(id)d was not sent to this number.") % {"id": answer.alert_id}
            return await self._reception.refuse(BadArgumentError(said), asker, answer.verb, texted.text)
        return await self._press(Press(answer.verb, answer.alert_id, texted.actor, answer.argument, texted.dedup))

    async def _code(self, texted: Texted, digits: str, asker: Asker) -> Reply:
        """Six digits alone: the code of a check. It counts for the number that it came from."""
        try:
            tokens = await open_tokens(self._engine.store)
        except Exception:
            log.exception("A code could not be checked", channel=texted.actor.channel)
            return Reply(asker.words.gettext("That could not be saved. Please try again."), is_done=False)

        async def work(desk: Desk) -> Reply:
            return await own.answer(desk, texted, digits, asker, tokens)

        return await self._reception.carry_out(work, asker, (Verb.CODE, ""), "texted", texted.dedup)

    async def _was_told(self, alert_id: int, actor: Actor) -> bool:
        async with self._engine.store.reading() as tx:
            rows = await tx.notifications_of(alert_id)
        left = (NotificationState.SENDING, NotificationState.SENT, NotificationState.ENDED)
        return any((row.channel, row.address) == (actor.channel, actor.address) and row.state in left for row in rows)

    async def stop(self, channel: str, address: str, *, is_asked: bool, dedup: str = "") -> str:
        """Mark the contact, and tell the administrators once."""
        person = self._engine.rules.roster.person_at(channel, address)
        if person is None:
            return ""

        async def job(desk: Desk) -> None:
            if await _is_replayed(desk, channel, dedup):
                return
            await desk.tx.stop_contact(channel, address, desk.now, is_asked=is_asked)
            await desk.alarm(AlarmKind.CONTACT_STOPPED, _named(person, channel), _stopped(channel, address))

        await self._engine.submit(job)
        return self._reception.words(person).gettext("You get no more messages from Kidoku here. START takes it back.")

    async def start(self, channel: str, address: str, dedup: str = "") -> None:
        async def job(desk: Desk) -> None:
            if await _is_replayed(desk, channel, dedup):
                return
            await desk.tx.start_contact(channel, address)
            await desk.tx.clear_alarm(_stopped(channel, address), desk.now)

        await self._engine.submit(job)

    async def has_stopped(self, channel: str, address: str) -> bool:
        async with self._engine.store.reading() as tx:
            return (await tx.stopped_contacts()).get((channel, address), False)
