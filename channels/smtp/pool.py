"""The connections to the mail server: never more than allowed, each used again while it lasts."""

import asyncio
from collections.abc import Awaitable, Callable

from channels.smtp.answer import Meaning, SmtpError, Stage
from channels.smtp.render import Rendered
from channels.smtp.session import Accepted, Session
from escalation.phrase import N_

START_TIMEOUT = 50.0
"""Seconds up to the mail's text. With the text's own minute it stays under the outbox's lease of two minutes: a mail
must not be taken up again while it is still being sent."""
IDLE = 20.0
"""Seconds that a connection may wait for another mail; servers close those that wait for long."""

_SLOW = Meaning(N_("the mail server is too slow"), is_channel_wide=True)

First = Callable[[Session], Awaitable[None]]


class Pool:
    """``make`` makes a session that is not open yet. ``carry`` and ``look`` raise SmtpError."""

    def __init__(self, make: Callable[[], Awaitable[Session]], most: int) -> None:
        self._make = make
        self._room = asyncio.Semaphore(most)
        self._free: dict[Session, asyncio.TimerHandle] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def carry(self, mail: Rendered, envelope_id: str) -> Accepted:
        """Send one mail."""
        async with self._room:
            session = await self._ready(lambda session: session.begin(mail, envelope_id))
            try:
                return await session.finish(mail.data)
            finally:
                self._keep(session)

    async def look(self) -> None:
        """Prove that the server can be reached, and takes the login."""
        async with self._room:
            self._keep(await self._ready(Session.again))

    async def _ready(self, first: First) -> Session:
        """A session on which ``first`` was done: a kept one if it still lives, else a new one."""
        try:
            async with asyncio.timeout(START_TIMEOUT):
                return await self._kept(first) or await self._new(first)
        except TimeoutError:
            raise SmtpError(_SLOW, is_lost=True) from None

    async def _kept(self, first: First) -> Session | None:
        """None if there is none, or if it has died: nothing of the mail has left then."""
        if not self._free:
            return None
        session = self._take()
        try:
            await session.again()
            await self._do(session, first)
        except SmtpError as fault:
            self._keep(session)
            if fault.is_lost or _is_worn(fault):
                return None
            raise
        return session

    async def _new(self, first: First) -> Session:
        session = await self._make()
        try:
            await session.open()
            await self._do(session, first)
        except SmtpError:
            self._keep(session)
            raise
        return session

    async def _do(self, session: Session, first: First) -> None:
        try:
            await first(session)
        except SmtpError:
            raise
        except BaseException:
            session.abort()
            raise

    def _take(self) -> Session:
        session, timer = self._free.popitem()
        timer.cancel()
        return session

    def _keep(self, session: Session) -> None:
        """For the next mail, if there is one soon; a connection that is broken is given up."""
        if not session.is_usable:
            session.abort()
        elif self._is_closed:
            self._leave(session)
        else:
            self._free[session] = asyncio.get_running_loop().call_later(IDLE, self._let_go, session)

    def _let_go(self, session: Session) -> None:
        del self._free[session]
        self._leave(session)

    def _leave(self, session: Session) -> None:
        task = asyncio.get_running_loop().create_task(session.quit())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """Take leave of the server; what is being sent is finished by its own task."""
        self._is_closed = True
        while self._free:
            self._leave(self._take())
        if self._leaving:
            await asyncio.wait(self._leaving)


def _is_worn(fault: SmtpError) -> bool:
    """Whether the server may only have had enough mails on this connection (452 4.3.x, 421)."""
    return fault.stage is Stage.SENDER and 400 <= fault.code < 500
