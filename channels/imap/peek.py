"""Reads the text of one mail that is watched, now, over a connection of its own. Nothing is kept of it, nor marked."""

from concurrent.futures import Executor
from datetime import datetime

from channels.imap.config import ImapAccount
from channels.imap.connection import Connection, dial
from channels.imap.mails import Reading
from channels.imap.session import Session


async def peek(account: ImapAccount, pool: Executor, folder: str, message_id: str, now: datetime) -> str:
    """The beginning of the mail's text; "" if it is not in this folder, or has none. Raises OSError or IMAPClientError
    if the mailbox can't be read."""
    connection = await dial(account)
    try:
        await connection.use(pool, connection.log_in)
        return await connection.use(pool, lambda: _text(account, connection, folder, message_id, now))
    finally:
        connection.close()


def _text(account: ImapAccount, connection: Connection, folder: str, message_id: str, now: datetime) -> str:
    session = Session(account, connection.client)
    selected = session.examine(folder)
    # By its id: its number may have changed since it was found.
    uids = session.uids_of(message_id)[-1:]
    reading = Reading(session, folder, selected.uidvalidity, is_junk=False, wants_text=True, now=now)
    return next((mail.text for mail in reading.mails(uids).values()), "")
