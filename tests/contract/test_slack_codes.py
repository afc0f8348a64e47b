"""Every error that Slack documents for the methods that we call, and what comes of it.

https://docs.slack.dev/reference/methods: what is expected stands here, written from each method's page, and is taken
from no table of ours.
"""

import json
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from channels.base import CantTell, Rejected, RetryLater, Sent
from channels.dialog import Ask, Dialog
from channels.home import Home
from channels.inbox import Reply
from channels.slack import window
from channels.slack.meaning import MEANINGS
from channels.slack.modal import SHORTCUT
from channels.slack.scope import METHODS
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_stage import Stage, message, stage
from tests.fakes.slack_world import ALICE, LIMITED, OPS, QUIET, Refusal

# What the pages list --------------------------------------------------------------------------------------------------

ANY = """
access_denied accesslimited account_inactive deprecated_endpoint ekm_access_denied enterprise_is_restricted fatal_error
internal_error invalid_arg_name invalid_arguments invalid_array_arg invalid_auth invalid_charset invalid_form_data
invalid_post_type method_deprecated missing_post_type missing_scope no_permission not_allowed_token_type not_authed
org_login_required ratelimited request_timeout service_unavailable team_access_not_granted team_added_to_org
token_expired token_revoked two_factor_setup_required
"""
OWN = {
    "apps.connections.open": "forbidden_team insecure_request missing_args",
    "auth.test": "",
    "chat.postEphemeral": """
        cannot_reply_to_message channel_not_found invalid_attachments invalid_blocks invalid_blocks_format is_archived
        is_bot markdown_text_conflict message_limit_exceeded messages_tab_disabled msg_too_long no_text not_in_channel
        restricted_action too_many_attachments unknown_method user_not_in_channel
    """,
    "chat.postMessage": """
        as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message channel_not_found
        duplicate_channel_not_found duplicate_message_not_found invalid_attachments invalid_blocks
        invalid_blocks_format invalid_metadata_format invalid_metadata_schema is_archived markdown_text_conflict
        message_limit_exceeded messages_tab_disabled metadata_must_be_sent_from_app metadata_too_large
        msg_blocks_too_long msg_too_long no_text not_in_channel rate_limited restricted_action
        restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked
        restricted_action_thread_only_channel slack_connect_canvas_sharing_blocked
        slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked too_many_attachments
        too_many_contact_cards
    """,
    "chat.update": """
        as_user_not_supported block_mismatch cant_broadcast_message cant_update_message channel_not_found
        edit_window_closed external_channel_migrating invalid_attachments invalid_blocks invalid_blocks_format
        invalid_metadata_format invalid_metadata_schema is_inactive markdown_text_conflict message_not_found
        metadata_must_be_sent_from_app metadata_too_large msg_too_long no_dual_broadcast_content_update no_text
        slack_connect_file_link_sharing_blocked streaming_state_conflict team_not_found too_many_attachments
        update_failed
    """,
    "conversations.history": """
        channel_is_limited_access channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest
        invalid_ts_oldest not_in_channel
    """,
    "conversations.list": """
        invalid_cursor invalid_limit invalid_types method_not_supported_for_channel_type missing_argument
    """,
    "conversations.open": """
        cannot_dm_bot channel_not_found channel_type_not_supported invalid_user_combination
        method_not_supported_for_channel_type not_enough_users too_many_users user_disabled user_is_bot user_not_found
        user_not_visible users_list_not_supplied
    """,
    "conversations.replies": """
        channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest invalid_ts_oldest
        list_record_comment_fetch_failed method_not_supported_for_channel_type thread_not_found
    """,
    "users.info": "user_not_found user_not_visible",
    "users.lookupByEmail": "users_not_found",
    "views.open": "duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id view_too_large",
    "views.publish": """
        duplicate_external_id hash_conflict missing_profile_id not_enabled not_implemented view_too_large
    """,
    "views.update": "duplicate_external_id hash_conflict not_found view_too_large",
}
OLDER = "invalid_json json_not_object"
"""No longer on the pages; a gateway may answer so."""

# What is expected -----------------------------------------------------------------------------------------------------

LIMITS = {"ratelimited", "rate_limited", "message_limit_exceeded"}
TROUBLE = {"fatal_error", "internal_error", "service_unavailable", "team_added_to_org"}
"""Slack: "some aspect of the operation may have succeeded"."""
BUSY = {
    *("request_timeout", "external_channel_migrating", "streaming_state_conflict", "update_failed", "hash_conflict"),
    "list_record_comment_fetch_failed",
}
LATER = LIMITS | TROUBLE | BUSY
SAYS = {
    "/invite": "channel_not_found not_in_channel",
    "archived": "is_archived is_inactive",
    "install the app again": "token_revoked",
    "install it again": "account_inactive missing_scope no_permission",
    "KIDOKU_SLACK__": "invalid_auth not_authed token_expired token_revoked account_inactive not_allowed_token_type",
    "slack-manifest.yaml": "missing_scope no_permission",
    "App Home": "messages_tab_disabled not_enabled",
    "two-factor": "two_factor_setup_required",
    "network in": "accesslimited",
    "suspended": "ekm_access_denied",
    "organisation": "enterprise_is_restricted org_login_required team_added_to_org",
    "update Kidoku": "deprecated_endpoint method_deprecated",
    "rate limit": "ratelimited rate_limited",
    "too many messages": "message_limit_exceeded",
    "Slack has trouble": "fatal_error internal_error service_unavailable",
    "too long": "msg_too_long msg_blocks_too_long view_too_large",
    "empty": "no_text",
    "layout": "invalid_blocks invalid_blocks_format invalid_attachments too_many_attachments block_mismatch",
    "metadata": "invalid_metadata_format invalid_metadata_schema metadata_too_large metadata_must_be_sent_from_app",
    "read-only": "restricted_action_read_only_channel",
    "forbids posting": "restricted_action",
    "thread": "restricted_action_thread_only_channel restricted_action_non_threadable_channel",
    "locked": "restricted_action_thread_locked",
    "message is gone": "message_not_found thread_not_found",
    "not the bot's own": "cant_update_message cant_broadcast_message",
    "of this age": "edit_window_closed",
    "mail address": "users_not_found",
    "no such member": "user_not_found",
    "deactivated": "user_disabled",
    "can't see this member": "user_not_visible",
    "not in the channel": "user_not_in_channel",
    "bot's": "user_is_bot cannot_dm_bot",
    "this kind of conversation": "method_not_supported_for_channel_type channel_type_not_supported",
    "too old": "expired_trigger_id",
    "already": "exchanged_trigger_id",
    "window is closed": "not_found",
    "may not connect": "forbidden_team",
    "denies access": "access_denied channel_is_limited_access",
    "api_url": "unknown_method",
}
WORDS = [(code, words) for words, codes in SAYS.items() for code in codes.split()]


def of(method: str) -> list[str]:
    """What the page of a method lists."""
    return [*ANY.split(), *OWN[method].split()]


ALL = sorted({code for method in OWN for code in of(method)} | set(OLDER.split()))


def check(result: object, code: str) -> None:
    """Final: the step goes to its ``else`` at once. Later: it is tried again; the channel pauses for a limit and for
    trouble, and only where Slack may have done it all the same is it asked first."""
    if code in LATER:
        assert isinstance(result, RetryLater), code
        assert result.is_channel_wide is (code in LIMITS | TROUBLE), code
        assert result.maybe_sent is (code in TROUBLE), code
    else:
        assert isinstance(result, Rejected), code
    told(result.reason, code)


def told(reason: str, code: str) -> None:
    assert f"(Slack: {code})" in reason
    assert "%" not in reason
    assert [words for one, words in WORDS if one == code and words not in reason] == []


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Stage]:
    async with stage(slack) as built:
        yield built


@pytest.fixture
async def up(slack: FakeSlack) -> AsyncIterator[Stage]:
    """Presses come in too."""
    async with stage(slack) as built, built.running():
        await built.heard(True)
        yield built


def test_every_method_that_we_call_and_every_error_that_we_know_stands_here() -> None:
    assert set(OWN) == set(METHODS)
    assert set(ALL) == set(MEANINGS)
    assert {one for one, _ in WORDS} <= set(ALL)


# Messages -------------------------------------------------------------------------------------------------------------


async def test_a_message_that_can_t_be_posted(slack: FakeSlack, bot: Stage) -> None:
    for code in ALL:
        slack.refuse("chat.postMessage", Refusal(code))
        check(await bot.notifier.send(message()), code)
        assert slack.messages == []
    assert isinstance(await bot.notifier.send(message()), Sent)


async def test_a_message_that_can_t_be_changed(slack: FakeSlack, bot: Stage) -> None:
    sent = await bot.notifier.send(message())
    assert isinstance(sent, Sent)
    for code in of("chat.update"):
        slack.refuse("chat.update", Refusal(code))
        check(await bot.notifier.update(message(title="Taken"), sent.ref), code)
    assert isinstance(await bot.notifier.update(message(title="Taken"), sent.ref), Sent)
    assert (slack.messages[0].edits, slack.messages[0].header) == (1, "🔴 Taken")


@pytest.mark.parametrize("method", ["conversations.open", "users.lookupByEmail"])
async def test_a_person_who_can_t_be_found_or_written_to(slack: FakeSlack, bot: Stage, method: str) -> None:
    direct = message(address="alice@company.example", is_direct=True)
    for code in of(method):
        slack.refuse(method, Refusal(code))
        check(await bot.notifier.send(direct), code)
        assert slack.messages == []
    assert isinstance(await bot.notifier.send(direct), Sent)


async def test_somebody_who_can_t_be_found_is_not_mentioned_and_the_message_goes_out(
    slack: FakeSlack, bot: Stage
) -> None:
    for number, code in enumerate(of("users.lookupByEmail")):
        slack.refuse("users.lookupByEmail", Refusal(code))
        with capture_logs() as logs:
            sent = await bot.notifier.send(message(key=f"{number}.0", mentions=("alice@company.example",)))
        assert isinstance(sent, Sent), code
        told(next(one["reason"] for one in logs if "mentioned" in one["event"]), code)
    assert len(slack.messages) >= len(of("users.lookupByEmail"))


@pytest.mark.parametrize("method", ["conversations.history", "conversations.list"])
async def test_a_room_that_can_t_be_read_after_a_crash(slack: FakeSlack, bot: Stage, method: str) -> None:
    """Nothing is sent a second time while Slack may answer yet; but a "never" holds no page up."""
    for code in of(method):
        slack.refuse(method, Refusal(code))
        answer = await bot.notifier.reconcile(message(), bot.now[0])
        assert isinstance(answer, CantTell), code
        assert answer.is_final is (code not in LATER), code
        told(answer.reason, code)


async def test_a_thread_that_can_t_be_read_holds_nothing_up(slack: FakeSlack, bot: Stage) -> None:
    """It is asked how much of it is there; where Slack does not say, a line twice is better than none."""
    sent = await bot.notifier.send(message())
    assert isinstance(sent, Sent)
    for code in of("conversations.replies"):
        async with stage(slack) as again:
            slack.refuse("conversations.replies", Refusal(code))
            result = await again.notifier.update(message(), {**sent.ref, "lines": "0"})
        if code in LATER:
            assert isinstance(result, RetryLater), code
        else:
            assert isinstance(result, Sent) and result.ref["lines"] == "1", code


async def test_a_thread_that_can_t_be_continued_is_continued_later(slack: FakeSlack, bot: Stage) -> None:
    lines = [f"02:{number:02} Alice took it." for number in range(60)]
    sent = await bot.notifier.send(message(timeline=()))
    assert isinstance(sent, Sent)
    for code in of("chat.postMessage"):
        slack.refuse("chat.postMessage", Refusal(code))
        result = await bot.notifier.update(message(timeline=tuple(lines[:1])), sent.ref)
        # Never: the message is changed no more for it; the next change of the alert tries the thread again.
        assert isinstance(result, RetryLater if code in LATER else Sent), code
    last = await bot.notifier.update(message(timeline=tuple(lines)), sent.ref)
    assert isinstance(last, Sent) and last.ref["lines"] == "60"


# Presses, windows and the Home tab ------------------------------------------------------------------------------------


async def presses(slack: FakeSlack, bot: Stage, number: int) -> None:
    await slack.sockets.send(
        slack.press_of(slack.messages[0], "kidoku:ack", action_ts=f"{number}.1"), f"envelope-{number}"
    )


async def test_a_press_counts_where_nobody_can_be_looked_up(slack: FakeSlack, up: Stage) -> None:
    await up.notifier.send(message())
    for number, code in enumerate(of("users.info")):
        slack.refuse("users.info", Refusal(code))
        await presses(slack, up, number)
        await slack.until(lambda count=number: len(slack.private) > count)  # type: ignore[misc]
        # What the app may not see it is not asked for again within the hour.
        if code == "missing_scope":
            break
    assert [one.actor.address for one in up.inbox.presses] == [ALICE] * (number + 1)
    assert {one.actor.email for one in up.inbox.presses} == {""}


async def test_a_press_counts_where_its_answer_can_t_be_shown(slack: FakeSlack, up: Stage) -> None:
    await up.notifier.send(message())
    slack.is_response_url_gone = True
    with capture_logs() as logs:
        for number, code in enumerate(of("chat.postEphemeral")):
            slack.refuse("chat.postEphemeral", Refusal(code))
            await presses(slack, up, number)
            await slack.until(lambda count=number: len(slack.called("chat.postEphemeral")) > count)  # type: ignore[misc]
        await presses(slack, up, 999)
        await slack.until(lambda: len(slack.private) == 1)
    assert len(up.inbox.presses) == len(of("chat.postEphemeral")) + 1
    reasons = [one["reason"] for one in logs if "its answer could not be shown" in one["event"]]
    for reason, code in zip(reasons, of("chat.postEphemeral"), strict=True):
        told(reason, code)


ASKED = Dialog("0123456789abcdef", "Snooze", "Snooze", "Cancel", (Ask("why", "Why"),))


async def test_a_window_that_can_t_be_opened_is_said_in_words(slack: FakeSlack, up: Stage) -> None:
    with capture_logs() as logs:
        for number, code in enumerate(of("views.open")):
            slack.refuse("views.open", Refusal(code))
            up.inbox.replies.append(Reply("It could not be opened.", is_done=False, dialog=ASKED))
            body = slack.shortcut_of("x", SHORTCUT) | {"trigger_id": f"{number}.1.1"}
            await slack.sockets.send(body, f"envelope-{number}")
            await slack.until(lambda count=number: len(slack.private) > count)  # type: ignore[misc]
    assert slack.stack == []
    reasons = [one["reason"] for one in logs if "could not be opened" in one["event"]]
    for reason, code in zip(reasons, of("views.open"), strict=True):
        told(reason, code)


async def test_a_window_that_can_t_be_filled_in_is_told_in_a_message(
    slack: FakeSlack, up: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack may not have the view yet: it is tried a few times."""
    monkeypatch.setattr(window, "ACK_WITHIN", 0.01)
    monkeypatch.setattr(window, "SHOW_AFTER", (0.0, 0.0))
    with capture_logs() as logs:
        for number, code in enumerate(of("views.update")):
            slack.stack.clear()
            up.inbox.replies.append(Reply("", is_done=False, dialog=ASKED))
            body = slack.shortcut_of("x", SHORTCUT) | {"trigger_id": f"{number}.1.1"}
            await slack.sockets.send(body, f"envelope-{number}")
            await slack.until(lambda: bool(slack.stack))
            up.inbox.may_save.clear()
            up.inbox.replies.append(Reply(f"#{number} is silent."))
            slack.refuse("views.update", Refusal(code), Refusal(code))
            await slack.submits()
            up.inbox.may_save.set()
            await slack.until(lambda count=number: len(slack.messages) > count)  # type: ignore[misc]
            assert f"#{number} is silent." in slack.messages[-1].shown
    reasons = [one["reason"] for one in logs if "filled in" in one["event"]]
    for reason, code in zip(reasons[::2], of("views.update"), strict=True):
        told(reason, code)


async def test_a_home_tab_that_can_t_be_published(slack: FakeSlack, up: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What passes is tried again, what does not is left: the next opening shows the page as well."""
    monkeypatch.setattr("channels.slack.publisher.wait_after", lambda failures: 0.0)
    up.inbox.page = lambda actor, note: Home("Waiting for you")
    asked = 0
    for number, code in enumerate(of("views.publish")):
        with capture_logs() as logs:
            slack.refuse("views.publish", Refusal(code))
            await slack.sockets.send(slack.opening_of(ALICE, f"Ev{number}"), f"envelope-{number}")
            asked += 2 if code in LATER else 1
            await slack.until(lambda count=asked: len(slack.called("views.publish")) >= count)  # type: ignore[misc]
            await slack.sockets.send(slack.opening_of(ALICE, f"Ex{number}"), f"opened-{number}")
            asked += 1
            await slack.until(lambda count=asked: len(slack.called("views.publish")) >= count)  # type: ignore[misc]
        assert len(slack.called("views.publish")) == asked, code
        for reason in [one["reason"] for one in logs if "Home tab" in one["event"]]:
            told(reason, code)
    assert "Waiting for you" in json.dumps(slack.homes[ALICE])


# Whether Slack works --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", of("auth.test"))
async def test_a_token_that_is_refused_is_noticed_before_it_is_needed(
    slack: FakeSlack, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.slack.health.wait_after", lambda failures: 0.0)
    slack.refuse("auth.test", Refusal(code))
    async with stage(slack, mode="http", signing_secret="x" * 32) as bot, bot.running():
        told(await bot.heard(False), code)
        await bot.heard(True)


@pytest.mark.parametrize("code", of("apps.connections.open"))
async def test_a_connection_that_is_refused_is_told_with_the_name_of_its_token(
    slack: FakeSlack, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.slack.socket.wait_after", lambda failures: 0.0)
    slack.refuse("apps.connections.open", *[Refusal(code)] * 2)
    async with stage(slack) as bot, bot.running():
        reason = await bot.heard(False)
        told(reason.removeprefix("Socket Mode: "), code)
        assert "KIDOKU_SLACK__BOT_TOKEN" not in reason
        await bot.heard(True)


# Permissions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scope",
    ["chat:write", "im:write", "users:read.email", "channels:history", "channels:read", "groups:read", "im:history"],
)
async def test_without_a_permission_what_needs_it_is_refused_in_words(slack: FakeSlack, bot: Stage, scope: str) -> None:
    """The fake asks for what the page of each method asks for; with those of the manifest every other test passes."""
    slack.joined.add(QUIET)
    slack.scopes = ",".join(one for one in slack.scopes.split(",") if one != scope)
    direct = message(address="alice@company.example", is_direct=True)
    results: list[object] = [await bot.notifier.send(message()), await bot.notifier.send(direct)]
    results += [await bot.notifier.reconcile(one, bot.now[0]) for one in (message(address=OPS), direct)]
    async with stage(slack) as fresh:
        results.append(await fresh.notifier.reconcile(message(address="#quiet"), bot.now[0]))
    refused = [one for one in results if isinstance(one, Rejected | CantTell)]
    assert refused
    for one in refused:
        assert "config/slack-manifest.yaml" in one.reason and "missing_scope" in one.reason


async def test_a_limit_while_a_thread_is_continued_says_when(slack: FakeSlack, bot: Stage) -> None:
    sent = await bot.notifier.send(message(timeline=()))
    assert isinstance(sent, Sent)
    slack.refuse("chat.postMessage", LIMITED)
    result = await bot.notifier.update(message(), sent.ref)
    assert isinstance(result, RetryLater) and result.after is not None
