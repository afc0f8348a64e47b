"""The Slack channel through its public face, with the real client library, against a server on the wire: what is
posted, updated, found again."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from channels.base import CantTell, NotFound, Rejected, RetryLater, Sent
from channels.message import Message, Tone, Verb
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_blocks import markup
from tests.fakes.slack_stage import NOW, Stage, message, stage
from tests.fakes.slack_world import ALICE, APP_TOKEN, BOB, BOT, BOT_TOKEN, LIMITED, OPS, QUIET, Refusal

ALICE_DIRECT = ALICE.replace("U", "D", 1)


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Stage]:
    async with stage(slack) as built:
        yield built


async def sent(bot: Stage, one: Message) -> Sent:
    result = await bot.notifier.send(one)
    assert isinstance(result, Sent), result
    return result


# Posting --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", ["#ops", OPS])
async def test_posts_to_a_room_with_facts_buttons_and_a_thread(slack: FakeSlack, bot: Stage, room: str) -> None:
    result = await sent(bot, message(address=room))
    posted = await slack.message("Unread for 5 min: down")
    assert result.ref == {"channel": OPS, "ts": posted.ts, "lines": "1"}
    assert posted.channel == OPS
    assert "From: NOC <noc@carrier.example>" in posted.shown
    assert "Next: step 2 of 3 at 02:15: phone → Alice" in posted.shown
    assert [one["action_id"] for one in posted.buttons] == ["kidoku:ack", "kidoku:snooze:15m", "kidoku:snooze:1h"]
    assert slack.thread(posted) == ["02:00 An urgent mail came."]
    assert posted.body["metadata"]["event_payload"] == {"key": "42.0"}


@pytest.mark.parametrize("address", [ALICE, "alice@company.example", "Alice@Company.example"])
async def test_posts_to_a_person(slack: FakeSlack, bot: Stage, address: str) -> None:
    result = await sent(bot, message(address=address, is_direct=True))
    assert result.ref["channel"] == ALICE_DIRECT
    assert (await slack.message("down")).channel == ALICE_DIRECT


async def test_a_person_is_looked_up_once_an_hour(slack: FakeSlack, bot: Stage) -> None:
    for _ in range(3):
        await sent(bot, message(address="alice@company.example", is_direct=True))
    assert len(slack.called("users.lookupByEmail")) == len(slack.called("conversations.open")) == 1
    bot.now[0] += timedelta(hours=1, seconds=1)
    await sent(bot, message(address="alice@company.example", is_direct=True))
    assert len(slack.called("users.lookupByEmail")) == 2


async def test_what_was_known_of_a_person_is_forgotten_when_it_proves_wrong(slack: FakeSlack, bot: Stage) -> None:
    one = message(address="alice@company.example", is_direct=True)
    await sent(bot, one)
    slack.refuse("chat.postMessage", Refusal("channel_not_found"))
    assert isinstance(await bot.notifier.send(one), Rejected)
    await sent(bot, one)
    assert len(slack.called("users.lookupByEmail")) == 2


async def test_nobody_is_pinged_but_whom_the_step_names(slack: FakeSlack, bot: Stage) -> None:
    await sent(bot, message(title="<!channel> <@U0BOB> @here", mentions=("alice@company.example", "nobody@x.example")))
    posted = await slack.message()
    assert markup(posted.body) == [f"@{ALICE}"]
    assert "<!channel> <@U0BOB> @here" in posted.shown
    assert markup(slack.messages[-1].body) == []


async def test_a_mail_can_write_no_markup_into_the_thread(slack: FakeSlack, bot: Stage) -> None:
    await sent(bot, message(timeline=("02:00 <https://evil.example|click> *now*",)))
    [reply] = [one for one in slack.messages if one.thread_ts]
    assert reply.shown == "02:00 <https://evil.example|click> *now*"
    assert markup(reply.body) == []


async def test_an_alarm_about_kidoku_has_no_buttons(slack: FakeSlack, bot: Stage) -> None:
    await sent(bot, message(alert_id=None, tone=Tone.ALARM, timeline=()))
    assert (await slack.message()).buttons == []


# Updating -------------------------------------------------------------------------------------------------------------


async def test_an_update_changes_the_message_in_place_and_continues_the_thread(slack: FakeSlack, bot: Stage) -> None:
    first = await sent(bot, message())
    lines = ("02:00 An urgent mail came.", "02:06 Bob took it.")
    result = await bot.notifier.update(
        message(title="Taken by Bob: down", tone=Tone.TAKEN, buttons=(), timeline=lines), first.ref
    )
    assert isinstance(result, Sent)
    posted = await slack.message()
    assert (posted.header, posted.buttons, posted.edits) == ("🟡 Taken by Bob: down", [], 1)
    assert slack.thread(posted) == list(lines)
    assert result.ref == {**first.ref, "lines": "2"}
    assert len(slack.messages) == 3


async def test_a_closed_alert_has_no_buttons(slack: FakeSlack, bot: Stage) -> None:
    first = await sent(bot, message())
    await bot.notifier.update(message(tone=Tone.CLOSED), first.ref)
    posted = await slack.message()
    assert posted.buttons == []
    assert posted.header.startswith("🟢")


async def test_a_message_that_somebody_deleted_is_not_updated_again(slack: FakeSlack, bot: Stage) -> None:
    first = await sent(bot, message())
    slack.messages.clear()
    result = await bot.notifier.update(message(), first.ref)
    assert isinstance(result, Rejected)
    assert "gone" in result.reason


async def test_a_long_timeline_is_posted_whole(slack: FakeSlack, bot: Stage) -> None:
    lines = tuple(f"02:{number:02} {'é&' * 60} {number}" for number in range(60))
    result = await sent(bot, message(timeline=lines))
    assert "\n".join(slack.thread(await slack.message())) == "\n".join(lines)
    assert result.ref["lines"] == "60"


async def test_a_thread_that_was_refused_is_made_up_for_by_the_next_update(slack: FakeSlack, bot: Stage) -> None:
    slack.messages.clear()
    first = await sent(bot, message(timeline=()))
    lines = ("02:00 An urgent mail came.", "02:05 Slack was told.")
    slack.refuse("chat.postMessage", LIMITED)
    result = await bot.notifier.update(message(timeline=lines), first.ref)
    assert isinstance(result, RetryLater)
    assert result.after == timedelta(seconds=30)
    again = await bot.notifier.update(message(timeline=lines), first.ref)
    assert isinstance(again, Sent)
    assert slack.thread(await slack.message()) == ["\n".join(lines)]


async def test_a_reply_whose_answer_was_lost_is_not_posted_twice(slack: FakeSlack, bot: Stage) -> None:
    first = await sent(bot, message(timeline=()))
    slack.refuse("chat.postMessage", Refusal(status=503, is_done=True))
    assert isinstance(await bot.notifier.update(message(), first.ref), RetryLater)
    result = await bot.notifier.update(message(), first.ref)
    assert isinstance(result, Sent)
    assert result.ref["lines"] == "1"
    assert slack.thread(await slack.message()) == ["02:00 An urgent mail came."]


async def test_a_locked_thread_does_not_make_updates_go_round(slack: FakeSlack, bot: Stage) -> None:
    first = await sent(bot, message(timeline=()))
    slack.refuse("chat.postMessage", Refusal("restricted_action_thread_locked"))
    assert isinstance(await bot.notifier.update(message(), first.ref), Sent)


async def test_after_a_restart_the_thread_says_what_it_has(slack: FakeSlack, bot: Stage) -> None:
    """A crash between the reply and the saved ref: the ref knows less than the thread."""
    first = await sent(bot, message())
    async with stage(slack) as again:
        result = await again.notifier.update(message(), {**first.ref, "lines": "0"})
    assert isinstance(result, Sent)
    assert result.ref["lines"] == "1"
    assert len(slack.thread(await slack.message())) == 1


async def test_a_thread_is_read_to_its_end_though_slack_gives_little_at_a_time(slack: FakeSlack, bot: Stage) -> None:
    slack.page = 2
    lines = tuple(f"02:{number:02} {'x' * 490}" for number in range(60))
    first = await sent(bot, message(timeline=lines))
    replies = len(slack.thread(await slack.message()))
    assert replies > 2 * slack.page
    async with stage(slack) as again:
        result = await again.notifier.update(
            message(timeline=(*lines, "03:00 Bob took it.")), {**first.ref, "lines": "0"}
        )
    assert isinstance(result, Sent)
    assert result.ref["lines"] == "61"
    assert slack.thread(await slack.message())[replies:] == ["03:00 Bob took it."]


# Asking whether it went out -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["#ops", OPS, "alice@company.example", ALICE])
async def test_a_message_whose_answer_was_lost_is_found_by_its_key(slack: FakeSlack, bot: Stage, address: str) -> None:
    slack.refuse("chat.postMessage", Refusal(status=502, is_done=True))
    lost = await bot.notifier.send(message(address=address))
    assert isinstance(lost, RetryLater)
    assert (lost.maybe_sent, lost.is_channel_wide) == (True, True)
    found = await bot.notifier.reconcile(message(address=address), NOW)
    assert isinstance(found, Sent)
    assert found.ref["ts"] == (await slack.message()).ts
    assert isinstance(await bot.notifier.reconcile(message(address=address, key="43.0"), NOW), NotFound)
    after = await bot.notifier.update(message(address=address), found.ref)
    assert isinstance(after, Sent)
    assert slack.thread(await slack.message()) == ["02:00 An urgent mail came."]


async def test_the_same_key_of_another_database_is_another_message(slack: FakeSlack, bot: Stage) -> None:
    ours, others = message(seal="a" * 20), message(seal="b" * 20)
    await sent(bot, ours)
    assert isinstance(await bot.notifier.reconcile(others, NOW), NotFound)
    assert isinstance(await bot.notifier.reconcile(ours, NOW), Sent)


async def test_a_message_far_back_is_found_page_by_page(slack: FakeSlack, bot: Stage) -> None:
    slack.page = 3
    await sent(bot, message())
    for number in range(20):
        slack.write(OPS, {"text": f"chat {number}"})
    assert isinstance(await bot.notifier.reconcile(message(), NOW), Sent)
    for number in range(20):
        slack.write(OPS, {"text": f"more {number}"})
    drowned = await bot.notifier.reconcile(message(), NOW)
    assert drowned == CantTell("too much was written in the channel since", is_final=True)


async def test_what_went_out_before_this_try_is_another(slack: FakeSlack, bot: Stage) -> None:
    await sent(bot, message())
    assert isinstance(await bot.notifier.reconcile(message(), NOW + timedelta(hours=1)), NotFound)


async def test_another_app_can_not_pretend_that_it_went_out(slack: FakeSlack, bot: Stage) -> None:
    metadata = {"event_type": "kidoku_notification", "event_payload": {"key": "42.0"}}
    slack.write(OPS, {"text": "not Kidoku's", "metadata": metadata})
    assert isinstance(await bot.notifier.reconcile(message(), NOW), NotFound)
    slack.write(OPS, {"text": "Kidoku's", "metadata": metadata}, bot=BOT)
    assert isinstance(await bot.notifier.reconcile(message(), NOW), Sent)


async def test_a_room_is_found_by_what_was_sent_there_without_a_walk(slack: FakeSlack, bot: Stage) -> None:
    bot.inbox.refs["slack", "#ops"] = [{"channel": OPS, "ts": "1.0"}]
    assert isinstance(await bot.notifier.reconcile(message(), NOW), NotFound)
    assert slack.called("conversations.list") == []


async def test_a_room_beyond_the_first_page_is_found(slack: FakeSlack, bot: Stage) -> None:
    slack.page = 1
    slack.joined.add(QUIET)
    assert isinstance(await bot.notifier.reconcile(message(address="#quiet"), NOW), NotFound)
    assert len(slack.called("conversations.list")) == 2
    assert slack.called("conversations.history")[0]["channel"] == QUIET


async def test_a_room_that_there_is_not_has_got_nothing(bot: Stage) -> None:
    assert isinstance(await bot.notifier.reconcile(message(address="#nowhere"), NOW), NotFound)


async def test_where_the_bot_may_not_read_slack_can_not_tell(bot: Stage) -> None:
    answer = await bot.notifier.reconcile(message(address=QUIET), NOW)
    assert isinstance(answer, CantTell)
    assert answer.is_final
    assert "/invite" in answer.reason


async def test_a_slack_that_does_not_answer_is_asked_again(slack: FakeSlack, bot: Stage) -> None:
    slack.refuse("conversations.history", LIMITED, Refusal(status=503))
    for _ in range(2):
        answer = await bot.notifier.reconcile(message(), NOW)
        assert isinstance(answer, CantTell)
        assert not answer.is_final


# Secrets --------------------------------------------------------------------------------------------------------------


async def test_nothing_that_comes_back_holds_a_secret(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with stage(slack) as bot, bot.running():
        await bot.heard(True)
        slack.refuse("chat.postMessage", Refusal("invalid_auth"), Refusal(status=500), LIMITED)
        results = [await bot.notifier.send(message()) for _ in range(4)]
    said = repr(results) + repr(bot) + repr(bot.health) + caplog.text
    assert BOT_TOKEN not in said
    assert APP_TOKEN not in said


async def test_the_presser_and_the_verb_are_named_nowhere_but_in_the_press(slack: FakeSlack, bot: Stage) -> None:
    await sent(bot, message())
    posted = await slack.message()
    assert {one["value"] for one in posted.buttons} == {
        '{"alert":42,"argument":""}',
        '{"alert":42,"argument":"15m"}',
        '{"alert":42,"argument":"1h"}',
    }
    assert Verb.ACK in posted.buttons[0]["action_id"]
    assert BOB not in posted.shown


# One thread for all that a room is told of an alert ------------------------------------------------------------------


async def under(bot: Stage, first: Sent, **more: object) -> Sent:
    """The next message of the same alert, to the same room."""
    return await sent(bot, message(key="42.3", title="Nobody has read it", under=first.ref, **more))


async def test_the_next_message_goes_under_the_first_and_is_shown_in_the_room(slack: FakeSlack, bot: Stage) -> None:
    first = await sent(bot, message())
    lines = ("02:00 An urgent mail came.", "02:10 Step 2: #ops.")
    second = await under(bot, first, timeline=lines, mentions=(BOB,))
    posted = await slack.message("Nobody has read it")
    assert (posted.thread_ts, posted.body["reply_broadcast"]) == (first.ref["ts"], True)
    assert f"@{BOB}" in markup(posted.body) and posted.buttons
    assert second.ref == {"channel": OPS, "ts": posted.ts, "lines": "0", "root": first.ref["ts"]}
    assert await bot.notifier.update(message(key="42.3", timeline=lines), second.ref) == second
    assert posted.edits == 1
    root = await slack.message("Unread for 5 min: down")
    assert slack.thread(root) == ["02:00 An urgent mail came."]
    await bot.notifier.update(message(timeline=lines), first.ref)
    assert slack.thread(root) == list(lines)


@pytest.mark.parametrize("code", ["thread_not_found", "cannot_reply_to_message", "restricted_action_thread_locked"])
async def test_where_it_can_not_go_under_the_first_it_stands_by_itself(slack: FakeSlack, bot: Stage, code: str) -> None:
    first = await sent(bot, message())
    slack.refuse("chat.postMessage", Refusal(code))
    second = await under(bot, first)
    posted = await slack.message("Nobody has read it")
    assert posted.thread_ts == ""
    assert second.ref == {"channel": OPS, "ts": posted.ts, "lines": "1"}
    assert slack.thread(posted) == ["02:00 An urgent mail came."]


async def test_a_first_message_that_somebody_deleted_takes_no_page_along(slack: FakeSlack, bot: Stage) -> None:
    first = await sent(bot, message())
    slack.messages.clear()
    second = await under(bot, first)
    posted = await slack.message("Nobody has read it")
    assert "root" not in second.ref and posted.thread_ts == ""


async def test_a_rate_limit_there_is_waited_for_and_not_gone_around(slack: FakeSlack, bot: Stage) -> None:
    first = await sent(bot, message())
    slack.refuse("chat.postMessage", LIMITED)
    result = await bot.notifier.send(message(key="42.3", title="Nobody has read it", under=first.ref))
    assert result == RetryLater("Slack's rate limit", timedelta(seconds=30), is_channel_wide=True)
    assert len([one for one in slack.messages if one.is_in_room]) == 1


@pytest.mark.parametrize("is_gone", [False, True])
async def test_one_under_the_first_whose_answer_was_lost_is_found(slack: FakeSlack, bot: Stage, is_gone: bool) -> None:
    """Where the first is gone meanwhile, the room's history tells."""
    first = await sent(bot, message())
    second = await under(bot, first)
    if is_gone:
        slack.messages = [one for one in slack.messages if one.ts != first.ref["ts"]]
    again = message(key="42.3", title="Nobody has read it", under=first.ref)
    assert await bot.notifier.reconcile(again, NOW) == second
    assert bool(slack.called("conversations.history")) is is_gone
    other = message(key="42.4", under=first.ref)
    assert await bot.notifier.reconcile(other, NOW) == NotFound()


async def test_replies_that_can_not_be_read_are_asked_for_again(slack: FakeSlack, bot: Stage) -> None:
    first = await sent(bot, message())
    await under(bot, first)
    slack.refuse("conversations.replies", LIMITED)
    asked = await bot.notifier.reconcile(message(key="42.3", under=first.ref), NOW)
    assert asked == CantTell("Slack's rate limit")


async def test_a_first_message_that_has_its_thread_by_now_is_found_as_the_first(slack: FakeSlack, bot: Stage) -> None:
    """The crash came after its timeline: Slack gives a message with replies its own thread_ts."""
    first = await sent(bot, message())
    assert await bot.notifier.reconcile(message(), NOW) == Sent({**first.ref, "lines": "0"})
