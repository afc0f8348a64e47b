"""Stories of mail in another language: of what nothing is given to the service."""

from datetime import timedelta
from pathlib import Path

import pytest

from escalation.alert import AlertStatus
from tests.acceptance.stage import mail
from tests.acceptance.translation_stage import JAPANESE, SUBJECT, TEXT, Story, libre, story, told
from tests.fakes.translation import Said

__all__ = ["libre", "story"]


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
