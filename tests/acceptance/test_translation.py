"""Stories of mail in another language: shown translated where a service is configured, and never waited for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot import mail_text
from bot.chatops import translate
from bot.outgoing.addressing import addressed
from bot.outgoing.send import Draft, send
from bot.store.record import AuditOutcome, OutgoingMail
from bot.translation.translations import Translations
from channels.discord import render as discord
from channels.imap.mailbox import Arrived
from channels.inbox import Actor, Typed
from channels.message import Fact, Message, Verb
from channels.slack import render as slack
from channels.translation import client
from channels.twilio import render as twilio
from escalation.alert import AlertStatus
from escalation.policy import EscalationPolicy
from tests.acceptance.stage import SECRETS, Stage, mail
from tests.fakes.slack_blocks import check
from tests.fakes.translation import KEY, FakeTranslation, Said, serving

SUBJECT = "[URGENT] Link down in Osaka"
JAPANESE = "[緊急] 大阪で回線断"
CHINESE = "[紧急] 大阪线路中断"
MINUTE = timedelta(minutes=1)
_SECRETS = {**SECRETS, "KIDOKU_IMAP__LEGAL__PASSWORD": "test"}
SATO = Actor("slack", "U0ALICE000")
EXCEPT = "except: {accounts: [legal], rules: [hr]}"


@dataclass
class Story:
    stage: Stage
    service: FakeTranslation

    @property
    def translations(self) -> Translations:
        assert self.stage.app.translations is not None
        return self.stage.app.translations

    async def settles(self) -> None:
        """What was asked of the service is answered, and what follows is done."""
        await self.translations.settled()
        await self.stage.work()

    async def sends(self, *to: str, subject: str = SUBJECT, text: str = "Fiber cut.\n", is_secret: bool = False) -> int:
        post, roster = self.stage.app.post, self.stage.app.settings.roster()
        assert post is not None
        kept = OutgoingMail(sender=post.sender, subject=subject, text=text, is_confidential=is_secret)
        draft = Draft(kept, tuple(addressed(to, roster)), self._policy(), "bob")
        id = await self.stage.app.engine.submit(lambda desk: send(desk, draft, post))
        await self.stage.work()
        return id

    def _policy(self) -> EscalationPolicy:
        return self.stage.app.settings.escalation_policies()["notice"]

    def asked(self) -> list[tuple[str, str]]:
        """What was asked of the service since the last call."""
        found = list(self.service.asked)
        self.service.asked.clear()
        return found


@asynccontextmanager
async def told(
    folder: Path, service: str = "libretranslate", more: str = EXCEPT, beside: str = ""
) -> AsyncIterator[Story]:
    """``more`` stands in the section of the translation, ``beside`` is another section."""
    async with serving() as fake:
        fake.words |= {(SUBJECT, "ja"): JAPANESE, (SUBJECT, "zh"): CHINESE}
        section = f'translation: {{service: {service}, url: "{fake.url}", {more}}}\n{beside}'
        secrets = {**_SECRETS, "KIDOKU_TRANSLATION__API_KEY": KEY}
        stage = await Stage.open(folder, settings_file="translation.yaml", more=section, secrets=secrets)
        try:
            yield Story(stage, fake)
        finally:
            fake.is_open.set()
            await stage.close()


@pytest.fixture(params=["libretranslate", "deepl"])
async def story(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Story]:
    async with told(tmp_path, request.param) as one:
        yield one


@pytest.fixture
async def libre(tmp_path: Path) -> AsyncIterator[Story]:
    async with told(tmp_path) as one:
        yield one


def translation(message: Message) -> str:
    """What a message shows as the machine's; "" for nothing."""
    labels = ("機械翻訳", "Machine translation", "机器翻译")
    return next((one.value for one in message.facts if one.label in labels), "")


def posted(stage: Stage) -> Message:
    """The room's newest message as it stands: a translation may come before it is posted, or after."""
    newest = [one for one in stage.slack.sent if one.address == "C0NOC00000"][-1]
    return [one for one in (newest, *stage.slack.updated) if one.key == newest.key][-1]


async def test_what_is_posted_gets_its_translation_and_whoever_is_told_later_has_it(story: Story) -> None:
    stage = story.stage
    story.service.is_open.clear()
    await stage.arrives(mail(SUBJECT, "a@x"))
    [first] = stage.slack.sent
    assert (first.address, translation(first)) == ("C0NOC00000", "")
    assert SUBJECT in first.title
    story.service.is_open.set()
    await story.settles()
    [again] = stage.slack.updated
    assert again.key == first.key
    assert again.facts[0] == Fact("機械翻訳", JAPANESE)
    assert again.title == first.title, "beside the original, never in its place"
    assert again.summary.endswith(f" / 機械翻訳: {JAPANESE}")
    await stage.passes(5 * MINUTE)
    bob, wang = sorted(stage.slack.sent[-2:], key=lambda one: one.address)
    assert (bob.address, translation(bob)) == ("U0BOB00000", ""), "it is in his language"
    assert wang.facts[0] == Fact("机器翻译", CHINESE)
    await stage.passes(5 * MINUTE)
    [call] = stage.phone.sent
    assert call.speech is not None
    assert f"件名の機械翻訳を読み上げます。「{JAPANESE}」。" in call.speech.announcement
    assert "Osaka" not in call.speech.announcement
    assert sorted(story.asked()) == [(SUBJECT, "ja"), (SUBJECT, "zh")], "each once, and none into its own language"


async def told_in(stage: Stage) -> list[tuple[str, str]]:
    await stage.arrives(mail(SUBJECT, "a@x"))
    await stage.passes(timedelta(hours=1))
    return stage.told()


async def lateness(stage: Stage) -> list[timedelta]:
    async with stage.app.store.reading() as tx:
        rows = await tx.notifications_of(1)
    return [one.sent_at - one.due_at for one in rows if one.sent_at is not None]


def timed_by(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the tasks that set a timer from now on: so does whoever waits for a while, however short. The
    story's clock stands still meanwhile, and can't show it."""
    loop, found = asyncio.get_running_loop(), set[str]()
    call_at = loop.call_at

    def noted(*arguments: Any, **more: Any) -> asyncio.TimerHandle:
        task = asyncio.current_task()
        found.update([task.get_name()] if task is not None else [])
        return call_at(*arguments, **more)

    monkeypatch.setattr(loop, "call_at", noted)
    return found


async def test_no_page_waits_while_the_service_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_TIME", timedelta(days=1))
    (tmp_path / "without").mkdir()
    stage = await Stage.open(tmp_path / "without", settings_file="translation.yaml", secrets=_SECRETS)
    expected = await told_in(stage)
    await stage.close()
    async with told(tmp_path) as story:
        story.service.is_open.clear()
        async with asyncio.timeout(30):
            names = timed_by(monkeypatch)
            assert await told_in(story.stage) == expected, "and whoever waited without a limit would do so for ever"
            assert names == {"translation"}, "nobody else waits for a while"
        assert story.service.came.is_set(), "it was asked"
        assert set(await lateness(story.stage)) == {timedelta(0)}
        assert {translation(one) for one in story.stage.slack.updated} == {""}
        assert story.stage.console.sent == [], "and no alarm tells of it"


async def test_a_dead_service_is_left_alone_and_comes_back(libre: Story) -> None:
    libre.service.said.extend(Said(500) for _ in range(3))
    for number in range(6):
        await libre.stage.arrives(mail(f"{SUBJECT} {number}", f"{number}@x"))
        await libre.translations.settled()
    assert len(libre.asked()) == 3
    assert all(translation(one) == "" for one in libre.stage.slack.sent)
    await libre.stage.passes(timedelta(seconds=31))
    await libre.stage.arrives(mail(SUBJECT, "b@x"))
    await libre.settles()
    assert translation(posted(libre.stage)) == JAPANESE


@pytest.mark.parametrize(
    ("said", "span"),
    [(Said(429, {"Retry-After": "120"}), 2 * MINUTE), (Said(403), timedelta(hours=1))],
)
async def test_the_service_says_how_long(libre: Story, said: Said, span: timedelta) -> None:
    libre.service.said.append(said)
    await libre.stage.arrives(mail(SUBJECT, "a@x"))
    await libre.translations.settled()
    assert len(libre.asked()) == 1
    libre.stage.clock.move_to(libre.stage.clock.now() + span - timedelta(seconds=1))
    await libre.stage.arrives(mail(SUBJECT, "b@x"))
    await libre.translations.settled()
    assert libre.asked() == []
    libre.stage.clock.move_to(libre.stage.clock.now() + timedelta(seconds=1))
    await libre.stage.arrives(mail(SUBJECT, "c@x"))
    await libre.translations.settled()
    assert (SUBJECT, "ja") in libre.asked()


async def test_a_hundred_and_thirty_alerts_at_once_are_all_brought_up_to_date(libre: Story) -> None:
    """A storm of one subject is one question in each language, whoever waits for its answer."""
    libre.service.is_open.clear()
    await libre.stage.happens("alice", *(Arrived(number, mail(SUBJECT, f"{number}@x")) for number in range(1, 131)))
    assert len(libre.stage.slack.sent) == 130
    libre.service.is_open.set()
    await libre.settles()
    assert sorted(libre.asked()) == [(SUBJECT, "ja"), (SUBJECT, "zh")]
    assert {translation(one) for one in libre.stage.slack.updated} == {JAPANESE}
    assert len({one.key for one in libre.stage.slack.updated}) == 130


async def test_one_that_is_excepted_keeps_nothing_from_the_others(libre: Story) -> None:
    """Two mails of the same subject at the same time: the one asks nothing, the other does."""
    await asyncio.gather(
        libre.stage.happens("legal", Arrived(1, mail(SUBJECT, "a@x"))),
        libre.stage.happens("alice", Arrived(1, mail(SUBJECT, "b@x"))),
    )
    assert (await libre.stage.alert(1)).mail.message_id == "a@x", "it is the first"
    await libre.settles()
    assert sorted(libre.asked()) == [(SUBJECT, "ja"), (SUBJECT, "zh")]
    assert translation(posted(libre.stage)) == JAPANESE


async def test_the_rooms_language_is_asked_for_first(libre: Story) -> None:
    await libre.stage.arrives(mail("[紧急] 大阪线路中断", "a@x"))
    await libre.settles()
    assert [language for _, language in libre.asked()] == ["ja", "en"]


async def test_a_quota_that_is_used_up(tmp_path: Path) -> None:
    async with told(tmp_path, "deepl") as story:
        story.service.said.append(Said(456))
        await story.stage.arrives(mail(SUBJECT, "a@x"))
        await story.translations.settled()
        await story.stage.arrives(mail(SUBJECT, "b@x"))
        await story.translations.settled()
        assert len(story.asked()) == 1
        answer = await story.stage.types("translate 1", "U0BOB00000")
        assert (answer.is_done, answer.text) == (
            False,
            "The translation service does not answer now. Please try again later.",
        )


async def test_a_subject_in_the_readers_language_is_not_asked_for(libre: Story) -> None:
    await libre.stage.arrives(mail("【緊急】大阪で回線が切れています", "a@x"))
    await libre.settles()
    assert [language for _, language in libre.asked()] == ["en", "zh"]
    assert translation(posted(libre.stage)) == ""
    await libre.stage.passes(5 * MINUTE)
    [bob] = [one for one in libre.stage.slack.sent if one.address == "U0BOB00000"]
    assert translation(bob) == "en(【緊急】大阪で回線が切れています)"


@pytest.mark.parametrize(
    ("account", "subject", "said"),
    [
        ("legal", SUBJECT, "This mail is not given to a translation service."),
        ("alice", "[URGENT] personnel matters", "This mail is not given to a translation service."),
        ("alice", "【！】1234", "The mailbox can't be read now. Please look at the mail itself."),
    ],
)
async def test_what_is_excepted_or_has_no_word_never_leaves(
    libre: Story, account: str, subject: str, said: str
) -> None:
    await libre.stage.arrives(mail(subject, "a@x"), account)
    await libre.stage.passes(timedelta(minutes=12))
    assert [one.address for one in libre.stage.phone.sent] == ["+81312345678"], "everybody was told"
    await libre.translations.settled()
    assert (await libre.stage.types("translate 1", "U0BOB00000")).text == said
    assert libre.asked() == []


async def test_what_is_also_in_a_mailbox_that_is_excepted_never_leaves(libre: Story) -> None:
    libre.service.said.append(Said(500))
    await libre.stage.arrives(mail(SUBJECT, "a@x"), "shared")
    await libre.translations.settled()
    libre.asked()
    await libre.stage.arrives(mail(SUBJECT, "a@x"), "legal")
    await libre.stage.passes(timedelta(minutes=12))
    await libre.translations.settled()
    assert libre.asked() == []


async def test_confidential_mail_never_leaves(libre: Story) -> None:
    id = await libre.sends("sato", "wang", is_secret=True)
    await libre.stage.passes(timedelta(minutes=40))
    await libre.translations.settled()
    answer = await libre.stage.types(f"translate {id}", "U0BOB00000")
    assert answer.text == "This mail is not given to a translation service."
    assert [await libre.stage.app.scribe.text_of(one.key) for one in libre.stage.slack.sent] == [
        "このメールの本文は、電話では読み上げません。",
        "这封邮件的正文不通过电话朗读。",
    ]
    assert libre.asked() == []


async def test_an_exercise_stays_here(libre: Story) -> None:
    await libre.stage.arrives(mail(SUBJECT, "a@x"))
    await libre.settles()
    alert = await libre.stage.alert()
    assert await libre.translations.may(alert)
    assert libre.translations.subject(alert, "ja") == JAPANESE
    exercise = alert._replace(is_exercise=True)
    assert not await libre.translations.may(exercise)
    assert libre.translations.subject(exercise, "ja") == ""


APPROVAL = "sending: {approval: {by: [bob, wang]}}\n"
NOT_GIVEN = "这封邮件不会交给翻译服务。"


@pytest.mark.parametrize("is_recalled", [True, False])
async def test_what_nobody_approved_never_leaves(tmp_path: Path, is_recalled: bool) -> None:
    async with told(tmp_path, beside=APPROVAL) as story:
        id = await story.sends("sato", "x@guest.example", text=TEXT)
        await story.settles()
        assert (await story.stage.alert(id)).status is AlertStatus.HELD
        if is_recalled:
            assert (await story.stage.types(f"recall {id}", "U0BOB00000")).is_done
        else:
            await story.stage.passes(timedelta(days=2))
        await story.settles()
        alert = await story.stage.alert(id)
        assert alert.status is AlertStatus.CANCELLED
        assert (await story.stage.types(f"translate {id}", "U0WANG0000")).text == NOT_GIVEN
        assert story.translations.subject(alert, "ja") == ""
        await story.settles()
        assert story.asked() == []


async def test_what_a_second_person_let_leave_is_translated(tmp_path: Path) -> None:
    async with told(tmp_path, beside=APPROVAL) as story:
        id = await story.sends("sato", "x@guest.example")
        assert (await story.stage.types(f"approve {id}", "U0WANG0000")).is_done
        await story.stage.passes(timedelta(minutes=40))
        await story.settles()
        assert (SUBJECT, "ja") in story.asked()


# The text -------------------------------------------------------------------------------------------------------------

TEXT = "Fiber cut at 2:10 <b>now</b>.\n> What you wrote\nETA 4 hours.\n"
LATE = "翻訳サービスが応答しません。しばらくしてからもう一度お試しください。"
UNQUOTED = "Fiber cut at 2:10 <b>now</b>.\nETA 4 hours."


async def heard(story: Story, address: str) -> str:
    """What this reader hears who presses 0."""
    key = next(one.key for one in story.stage.slack.sent if one.address == address)
    return await story.stage.app.scribe.text_of(key)


async def test_the_text_is_read_out_in_the_listeners_language(story: Story) -> None:
    story.service.words[UNQUOTED, "ja"] = "2時10分に光ファイバが切れました。\n復旧見込みは4時間後です。"
    await story.sends("sato", "bob", text=TEXT)
    await story.stage.passes(timedelta(minutes=40))
    story.asked()
    for _ in range(2):
        said = "2時10分に光ファイバが切れました。 復旧見込みは4時間後です。"
        assert await heard(story, "U0ALICE000") == f"本文の機械翻訳を読み上げます。「{said}」。本文は以上です。"
    assert (await heard(story, "U0BOB00000")).startswith("The mail reads: Fiber cut at 2:10")
    assert story.asked() == [(UNQUOTED, "ja")], "asked once; then it is known what language it is in"


async def test_whoever_listens_hears_the_original_if_the_service_is_slow(
    libre: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_text, "MOST_SILENCE", timedelta(milliseconds=20))
    await libre.sends("sato", text=TEXT)
    await libre.stage.passes(timedelta(minutes=40))
    libre.service.is_open.clear()
    said = await heard(libre, "U0ALICE000")
    assert "Fiber cut" in said
    assert "機械翻訳" not in said
    libre.service.is_open.set()
    assert await libre.translations.interpreter.translated(UNQUOTED, "ja", MINUTE)
    assert "機械翻訳" in await heard(libre, "U0ALICE000"), "the late answer serves whoever asks again"
    assert libre.asked().count((UNQUOTED, "ja")) == 1


async def test_translate_shows_the_mail_in_the_language_of_whoever_asks(story: Story) -> None:
    id = await story.sends("sato", text=TEXT)
    answer = await story.stage.types(f"翻訳 {id}")
    name = story.translations.interpreter.name
    assert answer.text.splitlines() == [
        f"#{id} {SUBJECT}",
        f"件名の機械翻訳（{name}）：",
        f"│ {JAPANESE}",
        f"本文冒頭の機械翻訳（{name}）：",
        "│ ja(Fiber cut at 2:10 <b>now</b>.",
        "│ ETA 4 hours.)",
        "誤訳の可能性があります。必ず元のメールをご確認ください。",
    ]
    kept = [(one.who, one.verb, one.alert_id, one.outcome) for one in await story.stage.audits()]
    assert kept == [("sato", "translate", id, AuditOutcome.DONE)]
    english = await story.stage.types("translate", "U0BOB00000")
    assert english.text == "There is nothing to translate: it is in your language already, or says nothing."


async def test_whoever_typed_it_waits_no_longer_than_that(libre: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    id = await libre.sends("sato", text=TEXT)
    await libre.settles()
    monkeypatch.setattr(translate, "MOST_WAIT", timedelta(milliseconds=20))
    libre.service.is_open.clear()
    async with asyncio.timeout(5):
        late = (await libre.stage.types(f"翻訳 {id}")).text.splitlines()
    assert (f"│ {JAPANESE}" in late, LATE in late) == (True, True), "the subject was known"
    libre.service.is_open.set()
    assert await libre.translations.interpreter.translated(UNQUOTED, "ja", MINUTE)
    assert LATE not in (await libre.stage.types(f"翻訳 {id}")).text, "and now the text is, too"


@pytest.mark.parametrize(
    "typed",
    [
        Typed(SATO, "翻訳 1 共有"),
        Typed(SATO, "translate 1 --share"),
        Typed(SATO, verb="translate", fields={"alert": "1"}, is_shared=True),
    ],
)
async def test_whoever_asks_is_answered_alone_whatever_they_type(libre: Story, typed: Typed) -> None:
    await libre.sends("sato", text=TEXT)
    reply = await libre.stage.app.inbox.typed(typed)
    assert (JAPANESE in reply.text, reply.is_done, reply.is_shared) == (True, True, False)


async def test_a_mailbox_that_cant_be_read_leaves_the_subject(libre: Story) -> None:
    await libre.stage.arrives(mail(SUBJECT, "a@x"))
    answer = await libre.stage.types("翻译 1", "U0WANG0000")
    assert [CHINESE in line for line in answer.text.splitlines()].count(True) == 1
    assert "无法读取邮箱" in answer.text


REFUSES = "翻訳サービスに拒否されました。サービスからの応答は、Kidoku のログに残っています。"


async def test_what_the_service_refuses_is_told_as_refused(story: Story) -> None:
    """It was told as being in the reader's language already."""
    story.service.said.extend([Said(400)])
    id = await story.sends("sato", text=TEXT)
    await story.settles()
    story.service.said.extend([Said(400)])
    nothing = await story.stage.types(f"translate {id}")
    assert (nothing.is_done, nothing.text) == (False, REFUSES), "subject and text"
    story.service.said.extend([Said(400)])
    chinese = (await story.stage.types(f"translate {id}", "U0WANG0000")).text.splitlines()
    assert f"│ {CHINESE}" in chinese, "the subject is not refused"
    assert chinese[-2].startswith("翻译服务拒绝"), "but the text is"
    english = await story.stage.types(f"translate {id}", "U0BOB00000")
    assert english.text.startswith("There is nothing to translate"), "it is English"


async def test_texts_stay_here_where_only_subjects_are_translated(tmp_path: Path) -> None:
    async with told(tmp_path, more="text: false") as story:
        id = await story.sends("sato", text=TEXT)
        await story.stage.passes(timedelta(minutes=40))
        assert "Fiber cut" in await heard(story, "U0ALICE000")
        assert JAPANESE in (await story.stage.types(f"translate {id}")).text
        assert {text for text, _ in story.asked()} == {SUBJECT}


async def test_without_a_service_nothing_is_translated(tmp_path: Path) -> None:
    stage = await Stage.open(tmp_path, settings_file="translation.yaml", secrets=_SECRETS)
    await stage.arrives(mail(SUBJECT, "a@x"))
    assert stage.app.translations is None
    answer = await stage.types("translate 1", "U0BOB00000")
    assert (answer.is_done, answer.text) == (False, "No translation service is set up.")
    await stage.close()


# Hostile, and kept ----------------------------------------------------------------------------------------------------


async def test_a_translation_is_as_hostile_as_the_mail(libre: Story) -> None:
    wild = "<!channel> @everyone <@U0BOB00000> </Say><Hangup/> \u202e\n*bold*\x00 " + "長" * 20_000
    libre.service.words[SUBJECT, "ja"] = wild
    await libre.stage.arrives(mail(SUBJECT, "a@x"))
    await libre.settles()
    message = posted(libre.stage)
    shown = translation(message)
    assert len(shown) < 500
    assert not set("\u202e\n\x00") & set(shown)
    assert check(slack.payload(message)) == ""
    assert "<!channel>" not in str(discord.embed(message))
    await libre.stage.passes(10 * MINUTE)
    [call] = libre.stage.phone.sent
    assert call.speech is not None
    twiml = twilio.tell((call.speech.announcement,), "ja-JP", {})
    assert "<Hangup/>" not in twiml.replace("<Hangup/></Response>", "")
    assert len(call.speech.announcement) < 500


async def test_nothing_is_known_for_longer_than_a_day(libre: Story) -> None:
    await libre.stage.arrives(mail(SUBJECT, "a@x"))
    await libre.settles()
    assert libre.translations.interpreter.known(SUBJECT, "ja") == JAPANESE
    libre.stage.clock.move_to(libre.stage.clock.now() + timedelta(days=1))
    assert libre.translations.interpreter.known(SUBJECT, "ja") is None
    await libre.stage.app.expire()
    assert len(libre.translations.interpreter.memory) == 0


async def test_a_text_is_out_of_memory_after_a_quarter_of_an_hour(libre: Story) -> None:
    id = await libre.sends("sato", text=TEXT)
    await libre.settles()
    memory = libre.translations.interpreter.memory
    subjects = len(memory)
    await libre.stage.types(f"翻訳 {id}")
    assert len(memory) > subjects
    libre.stage.clock.move_to(libre.stage.clock.now() + 14 * MINUTE)
    await libre.stage.app.expire()
    assert libre.translations.interpreter.known(UNQUOTED, "ja") == f"ja({UNQUOTED})"
    libre.stage.clock.move_to(libre.stage.clock.now() + MINUTE)
    await libre.stage.app.expire()
    assert len(memory) == subjects


async def test_it_is_let_go_each_minute_even_when_the_store_fails(tmp_path: Path) -> None:
    section = "translation: {service: libretranslate, url: 'http://127.0.0.1:1'}"
    stage = await Stage.build(tmp_path, settings_file="translation.yaml", more=section, secrets=_SECRETS)
    await stage.app.start()
    async with stage.app.store.transaction() as tx:
        await tx.connection.execute(text("ALTER TABLE outgoing_mail RENAME TO elsewhere"))
    assert stage.app.translations is not None
    memory = stage.app.translations.interpreter.memory
    memory.put(("Fiber cut", "ja"), "断線", MINUTE)
    stage.clock.move_to(stage.clock.now() + MINUTE)
    each_minute = stage.app.scheduler.get_job("expiry")
    assert each_minute.trigger.interval == MINUTE
    with capture_logs() as logs:
        await each_minute.func()
    assert [one["work"] for one in logs if one["log_level"] == "error"] == ["expiry"]
    assert len(memory) == 0
    await stage.close()


async def test_what_somebody_took_keeps_its_translation(libre: Story) -> None:
    await libre.stage.arrives(mail(SUBJECT, "a@x"))
    await libre.settles()
    await libre.stage.presses(Verb.ACK, 1, "slack", "U0BOB00000")
    assert translation(libre.stage.slack.updated[-1]) == JAPANESE


async def test_a_connection_that_cant_be_closed_leaves_nothing_else_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with told(tmp_path) as story:
        await story.stage.arrives(mail(SUBJECT, "a@x"))
        await story.settles()
        with monkeypatch.context() as broken, capture_logs() as logs:
            broken.setattr(aiohttp.ClientSession, "close", _breaks)
            await story.stage.close()
        assert [one["log_level"] for one in logs] == ["error"]
        assert all(task.done() for task in story.stage.app._tasks)
        with pytest.raises(RuntimeError, match="shutdown"):
            story.stage.app.pool.submit(len, "")


async def _breaks(session: aiohttp.ClientSession) -> None:
    raise OSError("the connection is in a strange state")
