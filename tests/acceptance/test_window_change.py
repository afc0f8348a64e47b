"""A window ends while an alert is open: the night's ladder takes over at its instant, over a restart too."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from escalation.alert import AlertStatus
from tests.acceptance.stage import Stage, mail

AT_17_50 = datetime(2026, 5, 8, 8, 50, tzinfo=UTC)
"""A Friday in Tokyo."""
OFFICE_AND_NIGHT = """
windows:
  office: {days: mon-fri, from: "09:00", to: "18:00"}
"""
POLICIES = """
  windowed:
    ladders:
      - when: office
        steps:
          - {via: slack, to: "#noc"}
          - {after: 1h, via: discord, to: "#noc"}
      - when: always
        steps:
          - {via: slack, to: "#noc"}
          - {after: 5m, via: phone, to: alice}
          - {after: 10m, via: phone, to: bob, hold: morning}
    last_resort: [{via: phone, to: "team:noc"}]
"""


async def stage_at(folder: Path, at: datetime) -> Stage:
    text = (Path(__file__).parent.parent / "configs" / "stage.yaml").read_text("utf-8")
    text = text.replace("policies:\n", "policies:" + POLICIES).replace(
        "rules:\n", 'rules:\n  - {name: windowed, when: {subject: "WINDOWED"}, policy: windowed}\n'
    )
    (folder / "windowed.yaml").write_text(text, "utf-8")
    return await Stage.open(folder, at, str(folder / "windowed.yaml"), OFFICE_AND_NIGHT)


async def test_a_mail_of_1750_climbs_the_office_ladder_until_1800_then_the_nights(tmp_path: Path) -> None:
    stage = await stage_at(tmp_path, AT_17_50)
    await stage.arrives(mail("WINDOWED: link down", "w@x"))
    assert stage.told() == [("slack", "C0NOC00000")]
    await stage.passes(timedelta(minutes=9, seconds=59))
    assert stage.told() == []
    await stage.close()

    stage = await stage_at(tmp_path, AT_17_50 + timedelta(minutes=9, seconds=59))
    await stage.passes(timedelta(seconds=1))
    assert stage.told() == [("phone", "+81312345678")]
    await stage.passes(timedelta(hours=13, minutes=59, seconds=59))
    assert stage.told() == []
    await stage.passes(timedelta(seconds=1))
    assert stage.told() == [("phone", "+81387654321")]
    assert (await stage.alert()).status is AlertStatus.TRIGGERED
    await stage.close()


async def test_a_bot_that_was_down_over_the_change_goes_on_with_the_nights_ladder(tmp_path: Path) -> None:
    """The trouble of others: a ladder that a window had paused, and that never went on after a restart."""
    stage = await stage_at(tmp_path, AT_17_50)
    await stage.arrives(mail("WINDOWED: link down", "w@x"))
    stage.told()
    await stage.close()

    stage = await stage_at(tmp_path, AT_17_50 + timedelta(hours=3))
    await stage.app.timers.tick()
    await stage.work()
    assert stage.told() == [("phone", "+81312345678")]
    await stage.close()
