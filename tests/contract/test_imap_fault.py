"""The mail source against servers that misbehave: cut, stutter, fall silent, never end, or tell nonsense."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from channels.imap.mailbox import Arrived, FlagsChanged
from channels.imap.reader import Idle
from tests.fakes.imap_scripted import ScriptedServer
from tests.fakes.imap_watch import Watch, account_at

SHORT = timedelta(seconds=0.3)
LONG = timedelta(minutes=5)


async def test_a_connection_cut_while_idle_is_made_again(pool: ThreadPoolExecutor) -> None:
    async with (
        ScriptedServer(on_idle=[None]) as server,
        Watch(account_at(server.port), pool).on() as watch,
    ):
        assert "closed the connection" in await watch.until_health(False)
        await server.deliver()
        await watch.ledger.happens(Arrived)
        assert server.logins == 2


async def test_bye_ends_a_connection_that_stays_open(pool: ThreadPoolExecutor) -> None:
    async with (
        ScriptedServer(on_idle=[b"* BYE going down\r\n"]) as server,
        Watch(account_at(server.port), pool).on() as watch,
    ):
        assert "BYE" in await watch.until_health(False)
        await server.deliver()
        await watch.ledger.happens(Arrived)


@pytest.mark.parametrize("news", [b"* OK Still here\r\n* 1 EXISTS\r\n", b"* 1 EXISTS\r\n* OK half a li"])
async def test_news_that_come_in_pieces_are_understood(pool: ThreadPoolExecutor, news: bytes) -> None:
    async with ScriptedServer(on_idle=[news]) as server, Watch(account_at(server.port), pool).on() as watch:
        await watch.ledger.synced("alice")
        server.exists = 1
        assert (await watch.ledger.happens(Arrived)).mail.subject == "urgent"
        assert server.logins == 1


async def test_a_line_without_an_end_is_cut_off(pool: ThreadPoolExecutor) -> None:
    async with (
        ScriptedServer(on_idle=[b"* " + b"x" * 2_000_000]) as server,
        Watch(account_at(server.port), pool).on() as watch,
    ):
        assert "without an end" in await watch.until_health(False)


async def test_a_server_without_idle_is_polled(pool: ThreadPoolExecutor) -> None:
    async with ScriptedServer("IMAP4rev1") as server, Watch(account_at(server.port), pool).on() as watch:
        await watch.ledger.synced("alice")
        server.exists = 1
        await watch.ledger.happens(Arrived)
        assert (server.idles, server.logins) == (0, 1)


@pytest.mark.parametrize("verb", ["LOGIN", "EXAMINE", "IDLE"])
async def test_silence_ends_by_itself(pool: ThreadPoolExecutor, verb: str) -> None:
    async with ScriptedServer() as server:
        server.silent = {verb}
        async with Watch(account_at(server.port, timeout=SHORT), pool).on() as watch:
            await watch.until_health(False)
            server.silent.clear()
            await server.deliver()
            await watch.ledger.happens(Arrived)


async def test_an_answer_without_an_end_ends_by_itself(pool: ThreadPoolExecutor) -> None:
    async with ScriptedServer() as server:
        server.endless = {"EXAMINE"}
        async with Watch(account_at(server.port, timeout=timedelta(seconds=0.1)), pool).on() as watch:
            assert "took longer" in await watch.until_health(False)
            server.endless.clear()
            await watch.ledger.synced("alice")


async def test_done_without_an_answer_holds_no_thread(
    pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Idle.end, "__defaults__", (0.2,))
    async with ScriptedServer() as server, Watch(account_at(server.port), pool).on() as watch:
        server.silent = {"DONE"}
        await watch.ledger.synced("alice")
        await server.deliver()
        assert "did not answer DONE" in await watch.until_health(False)


@pytest.mark.parametrize("verb", ["LOGIN", "EXAMINE"])
async def test_a_server_that_hangs_delays_neither_the_end_nor_the_loop(verb: str) -> None:
    async with ScriptedServer() as server:
        server.silent = {verb}
        with ThreadPoolExecutor(1) as one_thread:
            async with asyncio.timeout(3):
                async with Watch(account_at(server.port, timeout=LONG), one_thread).on():
                    await server.asked.wait()
                # The only thread is free again, long before the account's timeout.
                await asyncio.get_running_loop().run_in_executor(one_thread, lambda: None)


async def test_many_mailboxes_of_a_server_that_hangs_delay_no_other_server(pool: ThreadPoolExecutor) -> None:
    async with ScriptedServer() as dead, ScriptedServer() as well, AsyncExitStack() as stack:
        dead.silent = {"EXAMINE"}
        for number in range(12):
            account = account_at(dead.port, f"dead{number}", timeout=LONG)
            await stack.enter_async_context(Watch(account, pool).on())
        await dead.asked.wait()
        watch = await stack.enter_async_context(Watch(account_at(well.port), pool).on())
        await watch.ledger.synced("alice")
        await well.deliver()
        await watch.ledger.happens(Arrived)


async def test_the_flags_of_a_number_are_not_those_of_the_uid_that_looks_alike(pool: ThreadPoolExecutor) -> None:
    """Mail number 2 was read; the watched ones have the UIDs 2 and 3, and the numbers 1 and 2."""
    async with ScriptedServer() as server, Watch(account_at(server.port), pool).on() as watch:
        server.first_uid = 2
        await watch.ledger.synced("alice")
        await server.deliver()
        await watch.ledger.happens(Arrived)
        server.after_fetch = "* 2 FETCH (FLAGS (\\Seen))\r\n"
        await server.deliver()
        await watch.ledger.happens(Arrived, 2)
        assert watch.ledger.of(FlagsChanged) == []
        assert [one.mail.flags for one in watch.ledger.of(Arrived)] == [frozenset(), frozenset()]


@pytest.mark.parametrize("asked", ["HEADER", "BODY.PEEK[1]"])
@pytest.mark.parametrize("line", ["* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n", "* 1 FETCH (FLAGS (\\Seen))\r\n"])
async def test_a_change_that_is_told_within_another_answer_is_heard(
    pool: ThreadPoolExecutor, asked: str, line: str
) -> None:
    """The flags of the first mail were compared already when it is told, once, that it was read."""
    structure = '* 2 FETCH (UID 2 BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 4 1))\r\n'

    def read_meanwhile(uids: list[int], items: str) -> str | None:
        if 2 in uids and asked in items and not server.seen:
            server.seen = {1}
            return line
        return structure if "STRUCTURE" in items else None

    async with ScriptedServer() as server, Watch(account_at(server.port), pool, wants_text=True).on() as watch:
        await watch.ledger.synced("alice")
        await server.deliver()
        await watch.ledger.happens(Arrived)
        server.on_fetch = read_meanwhile
        await server.deliver()
        change = await watch.ledger.happens(FlagsChanged)
        assert (change.uid, change.is_seen) == (1, True)


async def test_a_server_that_always_says_how_many_there_are_is_not_asked_in_circles(pool: ThreadPoolExecutor) -> None:
    same = b"* 0 EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK hello\r\n"
    async with ScriptedServer(on_idle=[same] * 9) as server, Watch(account_at(server.port), pool).on() as watch:
        await watch.ledger.synced("alice")
        await server.deliver()
        await watch.ledger.happens(Arrived)
        assert server.idles == 1


async def test_two_mails_told_under_one_number_are_two(pool: ThreadPoolExecutor) -> None:
    """Between them another mail was expunged, and the numbers moved up."""
    async with ScriptedServer() as server, Watch(account_at(server.port), pool).on() as watch:
        await watch.ledger.synced("alice")
        server.on_fetch = lambda uids, items: (
            "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n" if items == "(FLAGS)" else None
        )
        await server.deliver(2)
        await watch.ledger.happens(Arrived, 2)
        await server.deliver()
        await watch.ledger.happens(Arrived, 3)
        assert {one.mail.message_id for one in watch.ledger.of(Arrived)} == {f"a{n}@x.example" for n in (1, 2, 3)}


@pytest.mark.parametrize("wants_text", [False, True])
async def test_a_mail_that_the_server_can_not_give_does_not_hold_up_the_others(
    pool: ThreadPoolExecutor, wants_text: bool
) -> None:
    def refused(uids: list[int], items: str) -> str | None:
        return "NO" if 2 in uids and "HEADER" in items else None

    async with ScriptedServer() as server, Watch(account_at(server.port), pool, wants_text).on() as watch:
        await watch.ledger.synced("alice")
        server.on_fetch = refused
        await server.deliver(3)
        await watch.ledger.happens(Arrived, 3)
        mails = [one.mail for one in watch.ledger.of(Arrived)]
        assert [one.subject for one in mails] == ["urgent", "", "urgent"]
        assert "could not give this mail" in mails[1].defects[0]
        assert server.logins == 1


async def test_a_structure_that_nobody_understands_costs_the_text_only(pool: ThreadPoolExecutor) -> None:
    def nonsense(uids: list[int], items: str) -> str | None:
        return '* 2 FETCH (UID 2 BODYSTRUCTURE (("TEXT" NIL\r\n' if 2 in uids and "STRUCTURE" in items else None

    async with ScriptedServer() as server, Watch(account_at(server.port), pool, wants_text=True).on() as watch:
        await watch.ledger.synced("alice")
        server.on_fetch = nonsense
        await server.deliver(3)
        await watch.ledger.happens(Arrived, 3)
        mails = [one.mail for one in watch.ledger.of(Arrived)]
        assert [one.subject for one in mails] == ["urgent"] * 3
        assert [bool(one.defects[1:]) for one in mails] == [False, True, False]


async def test_no_password_is_sent_to_a_server_that_says_it_takes_none(pool: ThreadPoolExecutor) -> None:
    async with (
        ScriptedServer("IMAP4rev1 IDLE LOGINDISABLED") as server,
        Watch(account_at(server.port), pool).on() as watch,
    ):
        assert "use security: tls or starttls" in await watch.until_health(False)
        assert server.logins == 0
