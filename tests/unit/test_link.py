"""Which messages bring a link, and that the bot serves the page behind it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.app import App
from bot.clock import ManualClock
from bot.language import Words
from bot.link import Links, is_linked
from bot.settings.load import load_bytes
from bot.store.record import NotificationRow
from bot.tokens import Purpose, Tokens
from channels.message import Button, Message, Verb
from escalation.command import Purpose as Why
from tests.acceptance.stage import SECRETS

LONG = timedelta(days=7)
AT = datetime(2026, 5, 3, tzinfo=UTC)
URLS = {
    **SECRETS,
    "KIDOKU_APPRISE__OPS_TEAMS__URL": "json://127.0.0.1:9/x",
    "KIDOKU_APPRISE__ALICE_NTFY__URL": "ntfy://127.0.0.1:9/x",
}


def row(channel: str, person: str | None, purpose: Why = Why.STEP) -> NotificationRow:
    return NotificationRow("42.1", 42, channel, "there", AT, AT, person=person, purpose=purpose)


def test_by_apprise_to_anybody_and_by_mail_to_people_of_ours_only() -> None:
    assert is_linked(row("apprise", None)) and is_linked(row("apprise", "alice")) and is_linked(row("mail", "alice"))
    assert not is_linked(row("mail", None)) and not is_linked(row("slack", "alice"))
    assert is_linked(row("mail", "alice", Why.APPROVAL)) and not is_linked(row("mail", None, Why.APPROVAL))
    assert is_linked(row("mail", "alice", Why.CHECK)) and is_linked(row("apprise", "alice", Why.CHECK))
    assert not is_linked(row("slack", "alice", Why.CHECK)) and not is_linked(row("phone", "alice", Why.CHECK))
    assert not is_linked(row("mail", "alice", Why.MAIL)) and not is_linked(row("apprise", "alice", Why.APPROVAL))


def test_a_link_only_where_there_is_something_to_acknowledge() -> None:
    links = Links(Tokens(SecretStr("x")), "https://kidoku.example/")
    words = Words("en", "UTC")
    buttons = (Button(Verb.ACK, "Acknowledge"),)
    message = Message(key="42.1", address="there", language="en", title="t", summary="s", alert_id=42)
    assert links.with_link(message, row("apprise", None), words).link == ""
    found = links.with_link(
        Message(key="42.1", address="there", language="en", title="t", summary="s", alert_id=42, buttons=buttons),
        row("apprise", None),
        words,
    )
    token = found.link.removeprefix("https://kidoku.example/a/")
    assert links.tokens.read(token, Purpose.TAKE, LONG) == "42.1"
    assert links.tokens.read(token, Purpose.CONFIRM, LONG) is None
    assert found.link not in repr(found)


async def test_the_bot_has_the_channel_and_serves_the_page(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "configs" / "apprise.yaml").read_text("utf-8")
    text = text.replace("twilio: {", "# twilio: {").replace("via: phone", "via: console")
    loaded = load_bytes(f'{text}\ndatabase: "{tmp_path}/x.sqlite3"\n'.encode(), "f", URLS, date(2026, 5, 3))
    assert loaded.settings is not None, loaded.problems
    app = await App.build(loaded.settings, ManualClock(AT))
    assert "apprise" in app.outbox.lanes and app.site is not None
    assert "/a/{token:path}" in [getattr(one, "path", "") for one in app.site.app.routes]
    await app.close()
