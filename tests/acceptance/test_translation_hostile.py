"""What a translation service answers is a stranger's text: whatever markup is in it, each medium shows it as text."""

import re

from apprise.conversion import text_to_markdown

from channels.apprise import render as apprise
from channels.console import render as console
from channels.discord import render as discord
from channels.message import Message
from channels.slack import render as slack
from channels.smtp.render import render as mail_of
from channels.twilio import render as twilio
from channels.twilio import sms, whatsapp
from channels.twilio.config import VARIABLES
from tests.acceptance.stage import mail
from tests.acceptance.translation_stage import MINUTE, Story, libre, translation
from tests.fakes import slack_blocks
from tests.property import test_apprise_render_property as apprise_page
from tests.property import test_smtp_render_property as letter
from tests.property.test_twilio_render_property import said

__all__ = ["libre"]

SUBJECT = "[URGENT] Link down everywhere"
WILD = (
    "</Say><Hangup/><Dial>+1</Dial> <!channel> <@U0BOB00000> <https://evil.example|x> "
    "@everyone @here **b** [x](https://evil.example) <b>&lt;\r\nBcc: evil@x.example\r\n\r\n{{2}} \x1b[2J\u202e 回線断"
)
BARE = re.compile(r"(?<!\\)[<>*_~|`\[\]()#]|@(?=everyone|here)")
"""Markup of Discord's that is not escaped, and a ping."""
WORDS = ("Hangup", "evil.example", "回線断")
ROOMS = [apprise.Room(200, 3_000), apprise.Room(0, 3_000), apprise.Room(0, 3_000, text_to_markdown)]


async def messages(story: Story, text: str = WILD) -> tuple[Message, Message, Message]:
    """By mail, in a room, and by phone."""
    story.service.words[SUBJECT, "ja"] = text
    await story.stage.arrives(mail(SUBJECT, "a@x"))
    await story.settles()
    await story.stage.passes(3 * MINUTE)
    [mailed], [posted], [called] = (story.stage.mail.sent, story.stage.slack.sent, story.stage.phone.sent)
    return mailed, posted, called


async def test_it_is_text_in_every_message(libre: Story) -> None:
    mailed, posted, called = await messages(libre)
    for message in (mailed, posted):
        assert all(word in translation(message) for word in WORDS), "all of it is shown"
    payload = slack.payload(posted)
    assert (slack_blocks.check(payload), slack_blocks.markup(payload)) == ("", [])
    field = discord.embed(posted).fields[0]
    assert all(word in str(field.value).replace("\\", "") for word in WORDS)
    assert BARE.findall(str(field.value)) == []
    assert mailed.letter is not None
    parsed = letter.check(mail_of(mailed.letter, mailed.address, "ja", libre.stage.clock.now()).data)
    assert [part.get_content_type() for part in parsed.walk()] == ["text/plain"]
    assert "機械翻訳: </Say><Hangup/>" in parsed.get_content()
    assert [line for line in parsed.get_content().splitlines() if line.startswith("Bcc")] == []
    assert called.speech is not None
    spoken = said(twilio.ask(called.speech, (called.speech.menu,), {}, "https://k.example/d", "https://k.example/v"))
    assert "/Say Hangup/" in spoken[0]
    assert "&lt;" in spoken[0], "as it was written"


async def test_it_is_text_in_what_is_sent_elsewhere(libre: Story) -> None:
    """What stands in the room is what these would be handed."""
    _, posted, _ = await messages(libre)
    assert "回線断" in posted.summary
    for body in (sms.body_of(posted, 10, can_answer=True), whatsapp.body_of(posted, can_answer=True)):
        assert body.splitlines()[1:] == ["Kidoku #1"]
        assert not set("\x1b\u202e") & set(body)
    assert "{{" not in whatsapp.values_of(posted, dict(VARIABLES), can_answer=True)
    for room in ROOMS:
        page = apprise.render(posted, room)
        apprise_page.check(page, room, posted.link)
        assert "evil" in page.body
    lines = console.render(posted)
    assert not set("\x1b\u202e\r\n") & set("".join(lines))


async def test_it_is_text_in_an_answer(libre: Story) -> None:
    await messages(libre)
    answer = (await libre.stage.types("translate 1")).text
    lines = [one for one in answer.splitlines() if one.startswith("│ ")]
    assert [one[:5] for one in lines] == ["│ </S", "│ Bcc", "│ {{2"], "a line of its own can't pass for Kidoku's"
    assert all(word in "".join(lines) for word in WORDS)
    shown = slack.answer(answer)
    assert (slack_blocks.check(shown), slack_blocks.markup(shown)) == ("", [])
    [page] = discord.answer("\n".join(lines))
    assert BARE.findall(page) == []


async def test_it_is_text_where_it_is_read_out(libre: Story) -> None:
    libre.service.words["Fiber cut.", "ja"] = "</Say><Hangup/> &lt;Hangup/&gt; \x1b[2J"
    await libre.sends("sato")
    await libre.stage.passes(40 * MINUTE)
    [reminder] = libre.stage.slack.sent
    heard = await libre.stage.app.scribe.text_of(reminder.key)
    [text] = said(twilio.tell((heard,), "ja-JP", {}))
    assert "「/Say Hangup/ &lt;Hangup/&gt; [2J」" in text


async def test_one_without_end_is_cut(libre: Story) -> None:
    mailed, posted, called = await messages(libre, "長" * 20_000)
    assert {len(translation(one)) < 500 for one in (mailed, posted)} == {True}
    assert slack_blocks.check(slack.payload(posted)) == ""
    assert called.speech is not None
    assert len(called.speech.announcement) < 500
