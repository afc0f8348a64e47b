"""Wherever people are shown why something could not be sent, it is in their language."""

import json

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.doctor import Finding, Trouble
from bot.store.record import NotificationState
from bot.wording import standing_of, why_lines
from bot.wording.alarm import word_alarm
from bot.wording.home import Contact, _standing
from bot.wording.matrix import matrix_of
from bot.wording.timeline import timeline_of
from bot.wording.trouble import trouble_said
from channels.slack.answer import classify
from channels.twilio.fault import RefusedError, result_of
from escalation.command import AlarmKind
from escalation.detail import of_outcome, of_step
from escalation.event import DeliveryReported, Outcome, ReceiptReported
from escalation.phrase import Phrase, parts_of
from escalation.receipt import ALL, ReceiptKind, Recipient
from tests.fakes.policies import AT, Story, after, ladder, notifies, policy, step
from tests.fakes.stored import row
from tests.fakes.told import TOKYO, Row, events_of

MAIL_SERVER = "the mail server refuses the recipient: 550 "


def slack_says(code: str) -> str:
    answer = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="chat.postMessage",
        req_args={},
        data={"ok": False, "error": code},
        headers={},
        status_code=200,
    )
    error = SlackApiError("no", answer)  # type: ignore[no-untyped-call]
    return classify(error).reason


def test_why_says_in_japanese_why_twilio_and_slack_refused() -> None:
    story = Story(policy(ladder(step("slack", "#ops"), step("phone", "alice", after=5))))
    story.run_until(0)
    story.tell(DeliveryReported("1.0", Outcome.REJECTED, slack_says("channel_not_found")), 1)
    story.run_until(5)
    key = next(one.key for made in story.decisions for one in notifies(made) if one.channel == "phone")
    story.tell(DeliveryReported(key, Outcome.REJECTED, result_of(RefusedError(400, 21211)).reason), 6)
    lines = [line for _, line in why_lines(story.alert, events_of(story), story.people, TOKYO)]
    (slack,) = (line for line in lines if "channel_not_found" in line)
    (phone,) = (line for line in lines if "21211" in line)
    assert slack == (
        "Slack → #ops：連絡できません（チャンネルが存在しないか、ボットから見えません。"
        "/invite で招待してください（Slack: channel_not_found））"
    )
    assert phone == (
        "電話 → Aliceさん：連絡できません（発信先の番号が正しくありません（HTTP 400、Twilio エラー 21211））"
    )


def test_where_nothing_is_known_but_the_outcome_it_is_said() -> None:
    story = Story(policy())
    story.run_until(0)
    story.tell(DeliveryReported("1.0", Outcome.REJECTED), 1)
    lines = [line for _, line in why_lines(story.alert, events_of(story), story.people, TOKYO)]
    assert "Slack → #ops：連絡できません（拒否）" in lines


def test_a_notification_that_waits_says_why() -> None:
    waits = row(state=NotificationState.PENDING, detail="the channel is paused")
    assert standing_of(waits, TOKYO) == "まだ送信されていません: チャネルが一時停止中です"


PAUSED = "the channel is paused"
ALARMS = [
    (AlarmKind.ACCOUNT_DOWN, PAUSED, "チャネルが一時停止中です"),
    (AlarmKind.CHANNEL_DOWN, Phrase("%(name)s: %(why)s", name="slack", why=PAUSED), "slack：チャネルが一時停止中です"),
    (
        AlarmKind.SENDER_DOWN,
        Phrase("%(channel)s (%(why)s)", channel="sms", why=PAUSED),
        "sms（チャネルが一時停止中です）",
    ),
    (
        AlarmKind.NOBODY_REACHED,
        of_step(1, of_outcome(DeliveryReported("", Outcome.REJECTED, PAUSED))),
        "第 2 段階: 拒否（チャネルが一時停止中です）",
    ),
    (AlarmKind.EXHAUSTED, PAUSED, PAUSED),
    (AlarmKind.CHANNEL_DOWN, Phrase("%(name)s: %(why)s", name=PAUSED, why="4004"), f"{PAUSED}：4004"),
    (AlarmKind.CHANNEL_DOWN, f"slack: {PAUSED}", f"slack: {PAUSED}"),
]
"""The last three: a policy and a mailbox may have any name; and an alarm of an earlier release stays as it is."""


@pytest.mark.parametrize(("kind", "detail", "said"), ALARMS)
def test_an_alarm_says_why(kind: AlarmKind, detail: str, said: str) -> None:
    text = json.dumps({"kind": kind, "detail": detail, "said": parts_of(detail), "alert_id": 1, "subject": PAUSED})
    message = word_alarm(Row(text=text), TOKYO)
    assert said in message.title
    assert "“" not in message.title


def test_the_home_tab_and_the_doctor_say_why() -> None:
    troubles = (Trouble.CHANNEL_DOWN, Trouble.FAILED)
    found = [Finding(person="alice", trouble=one, channel="slack", detail=PAUSED, at=AT) for one in troubles]
    on_home = _standing(Contact(("slack", "a@x.jp"), None, found), TOKYO)
    for said in (*on_home, *(trouble_said(one, TOKYO) for one in found)):
        assert "チャネルが一時停止中です" in said
        assert PAUSED not in said


def test_the_read_matrix_and_the_timeline_say_why_a_mail_did_not_get_there() -> None:
    story = Story(policy(read_by=ALL), Recipient("alice", address="alice@example.jp"))
    told = f"given up: {MAIL_SERVER}no"
    story.tell(ReceiptReported("alice", ReceiptKind.FAILED, after(1), "smtp", detail=told), 1)
    said = "送信を断念しました：メールサーバーが宛先を拒否しました：550 no"
    (line,) = matrix_of(story.alert, TOKYO, story.people, after(2)).lines
    assert said in line.delivered
    for lines in (
        timeline_of(story.alert, events_of(story), story.people, TOKYO),
        [text for _, text in why_lines(story.alert, events_of(story), story.people, TOKYO)],
    ):
        assert any(one.endswith(said) for one in lines)
