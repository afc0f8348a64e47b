"""Stories of whoever takes an alert on the phone and is connected with the sender of its mail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.connect import MOST_CALLS
from bot.language import Words
from bot.wording import cost_lines, standing_of
from channels.message import Verb
from escalation.alert import AlertStatus
from escalation.event import Opened
from escalation.receipt import Recipient
from tests.acceptance.phone_stage import ALICE, PhoneStage, on_the_phone
from tests.acceptance.stage import START, mail
from tests.acceptance.test_call_in import ALICES, PINS, entering
from tests.fakes.twilio import OWNED
from tests.fakes.twilio_leg import Leg
from tests.fakes.twilio_phone import HANG_UP, SILENCE, Phone

MINUTE = timedelta(minutes=1)
NOC, VENDOR, DESK, CAROL = "+81399990000", "+81399991111", "+81399992222", "+819011112222"
CONNECT: dict[str, Any] = {"connect": {}}
"""What the channel needs; the senders stand in the settings of the bot."""


@asynccontextmanager
async def ringing(folder: Path, subject: str = "【緊急】 down", **more: Any) -> AsyncIterator[PhoneStage]:
    """A mail came, and a phone rings."""
    settings: dict[str, Any] = {
        name: more.pop(name) for name in ("secrets", "call_in", "concurrent_calls") if name in more
    }
    async with on_the_phone(folder, "connect.yaml", **{**CONNECT, **settings}) as told:
        await told.stage.arrives(mail(subject, "a@x", **more))
        await told.stage.passes(5 * MINUTE)
        yield told


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[PhoneStage]:
    async with ringing(tmp_path) as one:
        yield one


async def taking(told: PhoneStage, number: int = 1) -> tuple[Phone, asyncio.Task[None]]:
    """Somebody answers, takes it, and has heard what is offered then."""
    call = await told.rings(number)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    call.press(call.ack_digit)
    await call.listening()
    return call, talk


def offered(call: Phone) -> str:
    """The digit that connects."""
    return next(text for text in reversed(call.said) if "press" in text).rpartition("press ")[2][0]


async def dialling(told: PhoneStage, call: Phone, number: int = 1) -> Leg:
    """The offered digit is pressed, and the sender's phone rings."""
    call.press(offered(call))
    return await told.twilio.dialled(number)


async def timeline(told: PhoneStage, id: int = 1) -> list[str]:
    """What the thread of an alert says of calls to its sender, without the times."""
    await told.settles()
    shown = [one for one in told.stage.slack.updated if one.alert_id == id]
    return [line[6:] for line in shown[-1].timeline if "the sender" in line]


async def legs_of(told: PhoneStage, id: int = 1) -> list[Any]:
    async with told.stage.app.store.reading() as tx:
        return [row for row in await tx.notifications_of(id) if row.purpose == "connected"]


async def tried(told: PhoneStage) -> set[str]:
    """The addresses at which the last try to reach Alice is known."""
    async with told.stage.app.store.reading() as tx:
        return {one.address for one in await tx.last_tries(["alice"], START)}


async def is_alices(told: PhoneStage) -> None:
    alert = await told.stage.alert()
    assert (alert.status, alert.taken_by) == (AlertStatus.ACKNOWLEDGED, ("alice",))


async def test_alice_takes_it_and_talks_with_the_sender(told: PhoneStage) -> None:
    call, talk = await taking(told)
    await is_alices(told)
    assert call.said[-2:] == [
        "Thank you. It is yours now.",
        f"To talk with the sender, Carrier NOC, press {offered(call)}.",
    ]
    leg = await dialling(told, call)
    assert (await legs_of(told))[0].update_at is None, "it tells of nothing"
    assert (leg.order["To"], leg.order["From"], leg.timeout, leg.time_limit) == (NOC, OWNED, 30, 1800)
    assert call.said[-1] == "Calling Carrier NOC. To hang up on them and come back here, press star."
    await leg.answers()
    assert leg.said == [
        "This is Kidoku, which watches urgent mail. Alice has taken up your urgent mail and would like to talk with "
        "you. You are connected now."
    ]
    assert leg.is_bridged and call.status == "in-progress"
    await leg.hangs_up(150)
    await call.listening()
    assert call.said[-2:] == [
        "The call with Carrier NOC is over.",
        f"To call again, press {offered(call)}.",
    ]
    call.press(SILENCE)
    await talk
    assert call.said[-1] == "Goodbye."
    await is_alices(told)
    assert await timeline(told) == [
        "Alice calls the sender, Carrier NOC.",
        "Call to the sender, Carrier NOC: answered, by a person or a machine. It lasted 2 min.",
    ]
    kept = [(one.who, one.via, one.verb, one.alert_id) for one in await told.stage.audits()]
    assert kept == [("alice", "phone", "ack", 1), ("alice", "phone", "connect", 1)]
    await told.stage.passes(timedelta(hours=2))
    assert len(told.twilio.phones) == len(told.twilio.legs) == 1
    assert await tried(told) == {ALICE}, "a sender's number is none of hers"


async def test_the_second_leg_has_its_own_length_and_price(told: PhoneStage) -> None:
    call, talk = await taking(told)
    leg = await dialling(told, call)
    await leg.answers()
    await leg.hangs_up(150)
    call.press(HANG_UP)
    await talk
    leg.price = "-0.21"
    await told.stage.passes(6 * MINUTE)
    [row] = await legs_of(told)
    assert row.ref == {"parent": call.sid, "sid": leg.sid, "seconds": "150", "price": "0.21", "currency": "USD"}
    assert [text for _, text in cost_lines([row], told.stage.app.engine.rules.roster, Words("en", "UTC"))] == [
        "phone → the sender, Carrier NOC (asked for by Alice): 2 min, 0.21 USD."
    ]
    assert standing_of(row, Words("en", "UTC")) == "answered, by a person or a machine, 2 min, 0.21 USD"
    assert "Calls and text messages cost 0.21 USD." in (await told.stage.types("report 12h")).text


END = [
    (Leg.busy, "The line of Carrier NOC is busy.", "busy."),
    (Leg.no_answer, "Carrier NOC did not answer.", "no answer."),
    (Leg.fail, "Carrier NOC could not be called.", "it could not be made."),
    (Leg.hangs_up, "Carrier NOC hung up before you were connected.", "they hung up before they were connected."),
]


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize(("end", "said", "line"), END)
async def test_whoever_is_not_reached_is_told_and_may_be_called_again(
    told: PhoneStage, end: Callable[[Leg], Any], said: str, line: str, is_told: bool
) -> None:
    """``is_told``: the leg's own callback comes before the action of the dial; else that is the first to tell."""
    call, talk = await taking(told)
    for number in (1, 2, 3):
        leg = await dialling(told, call, number)
        leg.is_told = is_told
        await end(leg)
        if number < 3:
            await call.listening()
            assert call.said[-2:] == [said, f"To call again, press {offered(call)}."]
    await talk
    assert call.said[-2:] == [said, "Goodbye."], "three times in one call, and not more"
    assert (
        await timeline(told)
        == [
            "Alice calls the sender, Carrier NOC.",
            f"Call to the sender, Carrier NOC: {line}",
        ]
        * 3
    )
    await is_alices(told)


@pytest.mark.parametrize("which", ["none", "ack", "other"])
async def test_nobody_is_rung_without_the_digit(told: PhoneStage, which: str) -> None:
    call, talk = await taking(told)
    # In haste the key that took it is pressed twice.
    assert offered(call) != call.ack_digit
    call.press({"none": SILENCE, "ack": call.ack_digit, "other": "9"}[which])
    await talk
    assert call.said[-1] == "Goodbye."
    assert told.twilio.legs == [] and await legs_of(told) == []
    await is_alices(told)


@pytest.mark.parametrize(
    ("sender", "number"),
    [
        ("NOC@Carrier.example", NOC),
        ("anybody@vendor.example", VENDOR),
        ("carol@team.example", CAROL),
        ("eve@sub.vendor.example", None),
        ("eve@carrier.example", None),
        ("dave@team.example", DESK),
        ("erin@team.example", None),
        ("frank@team.example", DESK),
        ("alice@team.example", None),
        ("", None),
    ],
)
async def test_the_number_is_that_of_the_settings(tmp_path: Path, sender: str, number: str | None) -> None:
    text = {"sender_name": "Call +81990123456 <Dial>", "text": "Please call +81990123456 now"}
    async with ringing(tmp_path, "【緊急】 call +81990123456", sender=sender.lower(), **text) as told:
        call = await told.rings(1)
        talk = asyncio.create_task(call.pick_up())
        await call.listening()
        call.press(call.ack_digit)
        if number is None:
            await talk
            assert call.said[-1] == "Thank you. It is yours now. Nobody else will be called. Goodbye."
            return
        await call.listening()
        leg = await dialling(told, call)
        assert leg.order["To"] == number
        assert not any("8199" in text.replace(" ", "") for text in call.said[-3:])
        await leg.busy()
        call.press(HANG_UP)
        await talk


@pytest.mark.parametrize("sender", ["someone@vendor.example", "carol@team.example"])
async def test_the_sender_hears_it_in_their_own_language(tmp_path: Path, sender: str) -> None:
    async with ringing(tmp_path, sender=sender) as told:
        call, talk = await taking(told)
        leg = await dialling(told, call)
        await leg.answers()
        [said] = leg.said
        assert said.startswith("緊急メールの見守り、きどく、です。") and "担当のAliceが" in said
        await leg.hangs_up()
        call.press(HANG_UP)
        await talk


async def test_whoever_does_not_wait_for_an_answer_keeps_the_alert(told: PhoneStage) -> None:
    call, talk = await taking(told)
    leg = await dialling(told, call)
    call.press(HANG_UP)
    await talk
    assert leg.status == "canceled"
    assert (await timeline(told))[-1] == "Call to the sender, Carrier NOC: no answer."
    await is_alices(told)


async def test_star_leaves_a_voicemail_and_comes_back(told: PhoneStage) -> None:
    call, talk = await taking(told)
    leg = await dialling(told, call)
    await leg.answers()
    call.press("*")
    await call.listening()
    assert leg.is_over.is_set() and call.said[-2] == "The call with Carrier NOC is over."
    call.press(SILENCE)
    await talk
    await is_alices(told)


async def test_whoever_answers_there_answers_for_nothing(tmp_path: Path) -> None:
    """A colleague who sent it and was not called by Kidoku: their talk is no reading, and no taking."""
    async with ringing(tmp_path, sender="carol@team.example") as told:
        call, talk = await taking(told)
        before = await told.stage.alert()
        leg = await dialling(told, call)
        await leg.answers()
        await leg.hangs_up()
        call.press(HANG_UP)
        await talk
        await told.settles()
        after = await told.stage.alert()
        assert after._replace(seq=before.seq) == before


async def test_what_twilio_tells_twice_late_and_in_any_order_counts_once(told: PhoneStage) -> None:
    call, talk = await taking(told)
    leg = await dialling(told, call)
    await leg.answers()
    await leg.hangs_up(150)
    call.press(HANG_UP)
    await talk
    before = await timeline(told)
    kept = await told.stage.audits()
    for callback in reversed(list(told.twilio.callbacks)):
        again = await told.twilio.post(callback.url, callback.form)
        assert again.status == callback.status
        if "/twilio/connect/" in callback.url:
            assert again.body == callback.body, "the same call, asked for again, is the same"
    assert await timeline(told) == before and len(before) == 2
    assert len(await legs_of(told)) == 1 and await told.stage.audits() == kept
    await told.stage.passes(timedelta(hours=1))
    assert (await legs_of(told))[0].ref["seconds"] == "150"


async def test_resolved_while_they_talk_nobody_is_cut_off(told: PhoneStage) -> None:
    """After a restart, too: then nothing but the store knows that a digit was pressed in this call."""
    call, talk = await taking(told)
    leg = await dialling(told, call)
    await leg.answers()
    await told.restarts()
    await told.stage.presses(Verb.RESOLVE, 1, "slack", "U0BOB00000")
    await told.stage.passes(MINUTE)
    assert not [form for _, _, form in told.twilio.requests if "Twiml" in form]
    assert not leg.is_over.is_set()
    await leg.hangs_up(3_600)
    await call.listening()
    assert call.said[-2] == "The call with Carrier NOC is over."
    call.press(SILENCE)
    await talk
    assert (await told.stage.alert()).status is AlertStatus.RESOLVED
    assert (await timeline(told))[-1].endswith("It lasted 1 h.")


async def test_a_call_whose_end_nobody_told_is_asked_about(told: PhoneStage) -> None:
    call, talk = await taking(told)
    leg = await dialling(told, call)
    leg.is_told = False
    talk.cancel()
    await told.stage.passes(MINUTE)
    assert len(await timeline(told)) == 1, "it rings yet"
    await leg.busy()
    await told.stage.passes(MINUTE)
    assert (await timeline(told))[1:] == ["Call to the sender, Carrier NOC: busy."]
    late = {**call.parameters(), **leg.outcome}
    action = next(one.url for one in told.twilio.callbacks if "/connect/" in one.url).replace("connect", "connected")
    await told.twilio.post(action, late)
    assert len(await timeline(told)) == 2


async def test_what_is_told_while_we_ask_counts_once(told: PhoneStage) -> None:
    call, talk = await taking(told)
    leg = await dialling(told, call)
    leg.is_told = False
    talk.cancel()
    await leg.busy()
    told.twilio.stall_at(f"/Calls/{leg.sid}.json")
    asking = asyncio.create_task(told.stage.passes(50 * timedelta(seconds=1)))
    await told.twilio.asked(f"/Calls/{leg.sid}.json")
    url = next(one.url for one in told.twilio.callbacks if "/leg/" in one.url)
    await told.twilio.post(url, leg.parameters())
    told.twilio.release()
    await asking
    assert (await timeline(told))[1:] == ["Call to the sender, Carrier NOC: busy."]


@pytest.mark.parametrize("has_legs", [True, False])
async def test_what_was_lost_with_a_restart_is_found_by_its_call(told: PhoneStage, has_legs: bool) -> None:
    """We ended after it was written down: nobody knows whether it was dialled."""
    call, talk = await taking(told)
    if has_legs:
        leg = await dialling(told, call)
        async with told.stage.app.store.reading() as tx:
            [row] = [one for one in await tx.notifications_of(1) if one.purpose == "connected"]
        await told.stage.app.engine.submit(lambda desk: _settled(desk, row))
        leg.is_told = False
        talk.cancel()
        await leg.no_answer()
    else:
        url = next(one.url for one in told.twilio.callbacks if "/digit/" in one.url)
        key = url.partition("/digit/")[2].partition("?")[0]
        form = {**call.parameters(), "Digits": offered(call)}
        await told.twilio.post(f"{told.base}/twilio/connect/{key}?turn=1", form)
        talk.cancel()
    await told.restarts()
    await told.stage.passes(MINUTE)
    if not has_legs:
        assert len(await timeline(told)) == 1, "its call goes on"
        call.status = "completed"
        await told.stage.passes(MINUTE)
    end = "no answer." if has_legs else "it could not be made."
    assert (await timeline(told))[1:] == [f"Call to the sender, Carrier NOC: {end}"]


async def _settled(desk: Any, row: Any) -> None:
    """As if its SID had never been told."""
    desk.settle(row._replace(ref={"parent": row.ref["parent"]}), row)


@pytest.mark.parametrize("path", ["connect/1.2?turn=1", "connected/1.2?turn=1", "whisper/s1", "leg/s1", "onward/1.2"])
@pytest.mark.parametrize("signature", ["", "Zm9yZ2Vk"])
async def test_nothing_happens_without_the_signature(told: PhoneStage, path: str, signature: str) -> None:
    call, talk = await taking(told)
    form = {**call.parameters(), "Digits": offered(call), "DialCallStatus": "busy"}
    assert (await told.twilio.post(f"{told.base}/twilio/{path}", form, signature)).status == 403
    assert await legs_of(told) == []
    call.press(HANG_UP)
    await talk


@pytest.mark.parametrize("to", ["+81387654321", "+81300000000"])
async def test_only_whoever_has_taken_it_calls_the_sender(told: PhoneStage, to: str) -> None:
    call, talk = await taking(told)
    key = next(one.url for one in told.twilio.callbacks if "/digit/" in one.url).partition("/digit/")[2][:3]
    form = {**call.parameters(), "To": to, "CallSid": "CA" + "9" * 32, "Digits": offered(call)}
    answer = await told.twilio.post(f"{told.base}/twilio/connect/{key}?turn=1", form)
    assert answer.status == 200 and "<Dial" not in answer.body and NOC not in answer.body
    assert await legs_of(told) == []
    call.press(HANG_UP)
    await talk


async def test_an_alert_that_climbs_again_is_nobodys_to_call_about(told: PhoneStage) -> None:
    call, talk = await taking(told)
    await told.stage.presses(Verb.ESCALATE, 1, "slack", "U0BOB00000")
    call.press(offered(call))
    await talk
    assert call.said[-2:] == ["The mail is not yours any more. Nobody was called.", "Goodbye."]
    assert told.twilio.legs == []


async def test_a_sender_is_not_called_for_ever(told: PhoneStage) -> None:
    call, talk = await taking(told)
    key = next(one.url for one in told.twilio.callbacks if "/digit/" in one.url).partition("/digit/")[2][:3]
    bodies = []
    for number in range(MOST_CALLS + 1):
        form = {**call.parameters(), "CallSid": f"CA{number:032x}", "Digits": offered(call)}
        bodies.append((await told.twilio.post(f"{told.base}/twilio/connect/{key}?turn=1", form)).body)
    assert ["<Dial" in one for one in bodies] == [True] * MOST_CALLS + [False]
    assert "The sender was called too often about this mail." in bodies[-1]
    call.press(HANG_UP)
    await talk


async def test_what_else_the_call_tells_of_comes_after_it(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "connect.yaml", **CONNECT) as told:
        for number in (1, 2):
            await told.stage.arrives(mail(f"【緊急】 mail {number}", f"{number}@x"))
        await told.stage.passes(5 * MINUTE)
        call, talk = await taking(told)
        leg = await dialling(told, call)
        await leg.answers()
        await leg.hangs_up()
        await call.listening()
        call.press(SILENCE)
        await call.listening()
        assert call.said[-1] == "Done. One more urgent mail is waiting for you."
        call.press(SILENCE)
        await call.listening()
        assert "mail 2" in "\n".join(call.said[-4:])
        call.press(call.ack_digit)
        await call.listening()
        again = await dialling(told, call, 2)
        await again.busy()
        call.press(HANG_UP)
        await talk
        assert [(await told.stage.alert(id)).taken_by for id in (1, 2)] == [("alice",)] * 2
        assert (await timeline(told, 2))[-1] == "Call to the sender, Carrier NOC: busy."


async def test_whoever_rings_us_is_connected_too_and_their_own_number_is_not_shown(tmp_path: Path) -> None:
    async with ringing(tmp_path, secrets=PINS, call_in={}) as told:
        await (await told.rings(1)).busy()
        call, talk = await entering(told, "+819055556666", ALICES)
        await call.listening()
        call.press(call.ack_digit)
        await call.listening()
        assert call.said[-1] == f"To talk with the sender, Carrier NOC, press {offered(call)}."
        leg = await dialling(told, call)
        assert (leg.order["To"], leg.order["From"]) == (NOC, OWNED)
        await leg.answers()
        assert "Alice has taken up your urgent mail" in leg.said[0]
        await leg.hangs_up(60)
        await call.listening()
        call.press(SILENCE)
        await talk
        assert call.said[-1] == "Goodbye."
        await is_alices(told)
        assert len(await timeline(told)) == 2


async def test_a_page_for_the_sender_waits_while_they_talk(tmp_path: Path) -> None:
    async with ringing(tmp_path, sender="carol@team.example") as told:
        call, talk = await taking(told)
        leg = await dialling(told, call)
        await leg.answers()
        await told.stage.arrives(mail("FOR CAROL", "c@x"))
        await told.stage.passes(MINUTE + timedelta(seconds=20))
        assert len(told.twilio.phones) == 1, "she is on the phone"
        await leg.hangs_up()
        await told.stage.passes(timedelta(seconds=10))
        assert told.twilio.phones[1].order["To"] == CAROL
        call.press(HANG_UP)
        await talk


@pytest.mark.parametrize("is_talking", [True, False])
async def test_whoever_rang_us_is_not_rung_while_they_talk(tmp_path: Path, is_talking: bool) -> None:
    """What the process knew of their call is lost with a restart: while they talk, or are asked whether to call."""
    async with ringing(tmp_path, secrets=PINS, call_in={}) as told:
        await (await told.rings(1)).busy()
        call, talk = await entering(told, ALICE, ALICES)
        await call.listening()
        call.press(call.ack_digit)
        await call.listening()
        if not is_talking:
            await told.restarts()
        leg = await dialling(told, call)
        await leg.answers()
        if is_talking:
            await told.restarts()
            await leg.hangs_up()
            await call.listening()
        await told.stage.arrives(mail("【緊急】 another", "b@x"))
        await told.stage.passes(5 * MINUTE)
        assert len(told.twilio.phones) == 2, "the one that was busy, and hers"
        await leg.hangs_up()
        call.press(HANG_UP)
        await talk
        await told.stage.passes(MINUTE)
        assert told.twilio.phones[2].order["To"] == ALICE


async def test_the_talk_counts_among_the_calls_at_once(tmp_path: Path) -> None:
    async with ringing(tmp_path, concurrent_calls=2) as told:
        call, talk = await taking(told)
        leg = await dialling(told, call)
        await leg.answers()
        await told.stage.arrives(mail("FOR CAROL", "c@x"))
        await told.stage.passes(MINUTE + timedelta(seconds=20))
        assert len(told.twilio.phones) == 1
        await leg.hangs_up()
        await told.stage.passes(timedelta(seconds=20))
        assert len(told.twilio.phones) == 2
        call.press(HANG_UP)
        await talk


async def test_nobody_is_called_about_a_mail_that_there_is_not(told: PhoneStage) -> None:
    """In an exercise the sender of its mail is whoever began it."""
    call, talk = await taking(told)
    key = next(one.url for one in told.twilio.callbacks if "/digit/" in one.url).partition("/digit/")[2][:3]
    assert told.stage.app.inbox.senders is not None
    assert await told.stage.app.inbox.senders.line(key) is not None
    id = await told.stage.app.engine.submit(_exercise)
    await told.stage.passes(5 * MINUTE)
    async with told.stage.app.store.reading() as tx:
        [row] = [one for one in await tx.notifications_of(id) if one.channel == "phone"]
    assert await told.stage.app.inbox.senders.line(row.key) is None
    call.press(HANG_UP)
    await talk


async def _exercise(desk: Any) -> int:
    alert = (await desk.load([1]))[1]
    brief = replace(alert.mail, message_id="drill@kidoku.invalid")
    readers = (Recipient("alice"),)
    opened: int = await desk.open(Opened(brief, alert.policy, readers, opened_by="bob", is_exercise=True))
    return opened


async def broken(*_: object) -> None:
    raise OSError("the store is out")


@pytest.mark.parametrize("is_all", [False, True])
async def test_where_the_sender_can_t_be_read_it_is_taken_and_said_so(
    told: PhoneStage, monkeypatch: pytest.MonkeyPatch, is_all: bool
) -> None:
    """``is_all``: nor what else the call tells of."""
    inbox = told.stage.app.inbox
    assert inbox.senders is not None
    call = await told.rings(1)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    monkeypatch.setattr(inbox.senders, "line", broken)
    if is_all:
        monkeypatch.setattr(inbox, "bundle", broken)
    call.press(call.ack_digit)
    await talk
    assert call.said[-1] == "Thank you. It is yours now. Nobody else will be called. Goodbye."
    assert {one.status for one in told.twilio.callbacks} <= {200, 204}
    await is_alices(told)


@pytest.mark.parametrize("is_in", [False, True])
async def test_where_the_sender_can_t_be_read_any_more_the_call_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_in: bool
) -> None:
    async with ringing(tmp_path, secrets=PINS, call_in={}) as told:
        call = await told.rings(1)
        if is_in:
            await call.busy()
            call, talk = await entering(told, ALICE, ALICES)
        else:
            talk = asyncio.create_task(call.pick_up())
        await call.listening()
        call.press(call.ack_digit)
        await call.listening()
        senders = told.stage.app.inbox.senders
        assert senders is not None
        monkeypatch.setattr(senders, "line", broken)
        call.press(SILENCE)
        await talk
        assert call.said[-1] == "Thank you. It is yours now. Nobody else will be called. Goodbye."
        assert {one.status for one in told.twilio.callbacks} <= {200, 204}
        await is_alices(told)


APOLOGY = {
    "en": "I am sorry: Kidoku can neither read nor save anything now. What you have taken stays yours, and nothing "
    "else was taken. Goodbye.",
    "ja": "申し訳ありません。",
}


def outage(told: PhoneStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be read or saved from now on."""

    def no_reading() -> Any:
        raise OSError("the store is out")

    monkeypatch.setattr(told.stage.app.store, "reading", no_reading)
    monkeypatch.setattr(told.stage.app.engine, "submit", broken)


@pytest.mark.parametrize(
    ("when", "language"),
    [
        ("at the question", "en"),
        ("at the question", "ja"),
        ("at the offer", "en"),
        ("while they talk", "en"),
        ("after the talk", "en"),
    ],
)
async def test_in_an_outage_of_the_store_the_call_ends_in_the_callers_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, language: str
) -> None:
    async with ringing(tmp_path) as told:
        engine = told.stage.app.engine
        roster = engine.rules.roster
        alice = replace(roster.people["alice"], language=language)
        engine.rules = replace(engine.rules, roster=replace(roster, people={**roster.people, "alice": alice}))
        call = await told.rings(1)
        talk = asyncio.create_task(call.pick_up())
        await call.listening()
        if when != "at the question":
            call.press(call.ack_digit)
            await call.listening()
        if when in ("while they talk", "after the talk"):
            leg = await dialling(told, call)
            await leg.answers()
        if when == "after the talk":
            await leg.hangs_up(60)
            await call.listening()
        outage(told, monkeypatch)
        if when == "while they talk":
            await leg.hangs_up(60)
        else:
            call.press(SILENCE if when == "at the question" else "9")
        await talk
        assert call.said[-1].startswith(APOLOGY[language])
        told_of = [one for one in told.twilio.callbacks if "/status/" not in one.url and "/leg/" not in one.url]
        assert {one.status for one in told_of} == {200}
        monkeypatch.undo()
        assert (await told.stage.alert()).taken_by == (() if when == "at the question" else ("alice",))


async def test_off_unless_it_is_set_up(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path) as told:
        await told.stage.arrives(mail("【緊急】 down", "a@x", sender="bob@team.example"))
        await told.stage.passes(15 * MINUTE)
        call = await told.rings(1)
        talk = asyncio.create_task(call.pick_up())
        await call.listening()
        call.press(call.ack_digit)
        await talk
        assert call.said[-1] == "Thank you. It is yours now. Nobody else will be called. Goodbye."
        assert call.order["To"] == ALICE
        answer = await told.twilio.post(f"{told.base}/twilio/connect/1.2?turn=1", call.parameters())
        assert answer.status == 404
