"""A server of web receipts over the whole bot and its store, in a process of its own.

``python -m tests.fakes.web_store FOLDER`` sends mails, writes the tokens of their pictures into FOLDER/tokens, prints
its port and serves until killed.
"""

import asyncio
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.consent import agree
from bot.logs import LogFormat, set_up
from bot.outgoing.addressing import addressed
from bot.outgoing.send import Draft, send
from bot.post import Post
from bot.store.record import OutgoingMail
from bot.web.mail_desk import MailDesk
from bot.web.receipts import WebReceipts
from tests.acceptance.stage import Stage
from tests.fakes.web_sqlite import serve

MAILS = 20
RECIPIENTS = 50


async def sent(stage: Stage, post: Post) -> list[str]:
    """The tokens of so many mails to so many recipients each, in the order in which they would be opened."""
    domains = [f"@partner{number}.example" for number in range(MAILS)]
    agreed = partial(agree, subjects=domains, by="bob", ground="a bench", is_anew=False, receipts=False)
    await stage.app.engine.submit(agreed)
    roster, policy = stage.app.settings.roster(), stage.app.settings.escalation_policies()["notice"]
    ids = []
    for number in range(MAILS):
        to = addressed([f"guest{one}@partner{number}.example" for one in range(RECIPIENTS)], roster)
        draft = Draft(OutgoingMail(sender=post.sender, subject="Works", text="Tonight.\n"), tuple(to), policy, "bob")
        ids.append(await stage.app.engine.submit(partial(send, draft=draft, post=post)))
    return [post.tokens.pixel_token(f"{id}.m{one}") for one in range(RECIPIENTS) for id in ids]


async def main(folder: Path) -> None:
    stage = await Stage.open(folder, datetime.now(UTC), "sent.yaml")
    post = stage.app.post
    assert post is not None
    (folder / "tokens").write_text("\n".join(await sent(stage, post)))
    desk = MailDesk(stage.app.engine, stage.app.settings.roster(), "en", "Asia/Tokyo")
    await serve(WebReceipts(post.tokens, desk, stage.clock.now).routes)


if __name__ == "__main__":
    set_up(LogFormat.QUIET)
    asyncio.run(main(Path(sys.argv[1])))
