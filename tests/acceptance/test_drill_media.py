"""A drill says that it is one wherever it goes: by text message, WhatsApp, apprise, mail, on the Home tab, and to
whoever rings us."""

from datetime import timedelta
from pathlib import Path

from tests.acceptance.phone_stage import ALICE, PhoneStage, on_the_phone
from tests.acceptance.stage import on_stage
from tests.acceptance.test_apprise_story import NTFY, TEAMS, Team, team
from tests.acceptance.test_call_in import ALICES, PINS, entering, hears
from tests.acceptance.test_drill import MARK, begins
from tests.acceptance.test_home import world
from tests.acceptance.test_whatsapp import WHATSAPP
from tests.fakes.twilio_phone import HANG_UP

__all__ = ["team"]

MINUTE = timedelta(minutes=1)
EXERCISE = "This is only an exercise."


async def exercised(told: PhoneStage, policy: str, minutes: int = 5) -> None:
    await begins(told.stage, policy)
    told.twilio.now = told.stage.clock.now()
    await told.stage.passes(minutes * MINUTE)


async def test_a_text_message_begins_with_the_mark(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "phone.yaml", sms={"messages_per_second": 100.0}) as told:
        await exercised(told, "text")
        [text] = told.twilio.texts
        assert text.body.startswith(f"{MARK}Unread for 5 min: Drill of policy text")


async def test_a_message_by_whatsapp_begins_with_the_mark_in_free_text_and_in_a_template(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "whatsapp.yaml", whatsapp=WHATSAPP) as told:
        await exercised(told, "text")
        [template] = told.twilio.texts
        assert f'"1": "{MARK}Unread for 5 min' in template.order["ContentVariables"]
        await told.chats("+819087654321", "hello")
        await exercised(told, "text")
        assert told.twilio.texts[-1].body.startswith(f"{MARK}Unread for 5 min")


async def test_a_call_says_it_before_anything_else_of_the_mail(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "phone.yaml") as told:
        await exercised(told, "urgent")
        call = await told.rings(1)
        said = await call.answer()
        assert said[0].index(EXERCISE) < said[0].index("The subject reads")


async def test_whoever_rings_us_hears_it_too(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, secrets=PINS, call_in={}) as told:
        await begins(told.stage)
        call, talk = await entering(told, ALICE, ALICES)
        said = await hears(call, HANG_UP)
        await talk
        assert EXERCISE in said


async def test_a_service_by_apprise_begins_with_the_mark(team: Team) -> None:
    await begins(team.stage)
    await team.stage.passes(5 * MINUTE)
    [told] = team.came(TEAMS)
    assert MARK in told and told.index(MARK) < told.index("Drill of policy urgent")
    assert team.came(NTFY) == []
    team.stage.told()


async def test_a_mail_has_the_mark_in_its_subject_and_its_text(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml") as stage:
        await begins(stage, "notice")
        await stage.passes(30 * MINUTE)
        letters = [one.letter for one in stage.mail.sent if one.letter is not None]
        assert letters and all(one.subject.startswith(MARK) for one in letters)
        assert all("No mail came. Please answer as if it were real." in one.text for one in letters)
        stage.told()


async def test_the_home_tab_shows_it_with_the_mark(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await begins(here.stage)
        page = await here.tab().opens()
        assert f"#1 {MARK}" in page
        here.stage.told()
