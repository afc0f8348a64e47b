"""News of any mail that is followed fits what Slack and Discord take, counts what is left out, and pings nobody."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.language import LANGUAGES, Words
from bot.wording.followed import News, word_followed
from channels.discord.render import MOST_EMBED, embed, pings
from channels.slack.render import payload
from escalation.event import Noted, Resolved
from tests.fakes.policies import Story, policy, roster
from tests.fakes.slack_blocks import check
from tests.fakes.stored import row

NASTY = st.sampled_from(
    ["<!channel>", "@everyone", "<@U0ALICE>", "*x*", "\u202e", "🔥", "\x00", "[a](http://b.example)"]
)
TEXT = (st.text(max_size=300) | st.lists(NASTY, max_size=60).map("".join)).filter(lambda text: "\ud800" not in text)
PERSONAL = row("f0", alert_id=None, person="alice", purpose="duty", text="{}")


def news_of(number: int, subject: str, why: str) -> News:
    story = Story(policy())
    for event in (Noted("alice", why or "x"), Resolved("alice", "slack", why)):
        story.tell(event, 1)
    events = [(event, story.instants[0]) for one in story.decisions for event in one.events]
    alert = story.alert._replace(id=number, mail=replace(story.alert.mail, subject=subject))
    return News(alert, events, range(1, len(events) + 1))


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8), st.sampled_from(LANGUAGES), st.integers(0, 300))
def test_any_news_fits(found: list[tuple[str, str]], language: str, more: int) -> None:
    listed = [news_of(number, subject, why) for number, (subject, why) in enumerate(found, 1)]
    message = word_followed(listed, more, PERSONAL, Words(language, "Asia/Tokyo"), roster())
    assert (message.buttons, message.mentions, message.speech, message.alert_id) == ((), (), None, None)
    assert len(message.facts) <= 16
    assert check(payload(message)) == ""
    rendered = embed(message)
    assert len(rendered) <= MOST_EMBED
    assert len(rendered.fields) == len(message.facts), "nothing is left out uncounted"
    told, allowed = pings(message)
    assert (told, allowed.to_dict()["parse"]) == (None, [])
    shown = "".join(f"{one.name}{one.value}" for one in rendered.fields)
    assert not re.search(r"@everyone|<@\d", shown)
