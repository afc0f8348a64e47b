"""Brings a folder up to date with the server: what happened since the cursor. Runs blocking, in the pool.

An IDLE event only says "resynchronise now"; everything else is found by comparing, so nothing that happened while
nobody listened is missed, and nothing is counted twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.imap.mailbox import (
    Arrived,
    Cursor,
    FiledAsJunk,
    FlagsChanged,
    Happening,
    MailboxBatch,
    Removed,
    Renumbered,
    Watched,
)
from channels.imap.mails import Reading
from channels.imap.parse import NO_ID
from channels.imap.session import AT_ONCE, Flags, Selected, Session

MOST_SEARCHES = 300
"""How often vanished mails are looked for in the folders that nobody watches: one search for each mail and folder."""
CLOCKS_DIFFER = timedelta(minutes=10)
"""How far the mail server's clock may be from ours before a mail is missed after a change of UIDVALIDITY."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of one session. ``others`` are further watched folders, where a moved mail may have gone.

    ``has_arrivals`` is False for a folder that nobody asked to watch, in which only mails that were moved there are."""

    session: Session
    name: str
    others: tuple[str, ...]
    wants_text: bool
    lookback: timedelta
    has_arrivals: bool = True

    @property
    def is_junk(self) -> bool:
        return self.name == self.session.junk


def batches(
    folder: Folder, cursor: Cursor | None, watched: Mapping[int, Watched], now: datetime
) -> Iterator[MailboxBatch]:
    """What happened, in batches of bounded size; each moves the cursor as far as it goes. At least one."""
    selected = folder.session.examine(folder.name)
    if cursor is None or cursor.uidvalidity != selected.uidvalidity:
        uids, found = _anew(folder, cursor, watched, now)
    else:
        found = list(_compared(folder, selected, cursor, watched))
        uids = folder.session.uids_from(cursor.uidnext) if selected.uidnext > cursor.uidnext else []
    yield from _arrivals(folder, uids if folder.has_arrivals else [], found, selected, now)


def _arrivals(
    folder: Folder, uids: Sequence[int], found: Sequence[Happening], selected: Selected, now: datetime
) -> Iterator[MailboxBatch]:
    # A mail that came after EXAMINE answered may be among the UIDs already.
    end = max(selected.uidnext, *(uid + 1 for uid in uids)) if uids else selected.uidnext
    chunks = [uids[start : start + AT_ONCE] for start in range(0, len(uids), AT_ONCE)] or [[]]
    for number, chunk in enumerate(chunks):
        mails = _mails(folder, chunk, selected, now)
        is_last = number == len(chunks) - 1
        uidnext = end if is_last else chunk[-1] + 1
        # The flags were compared once, for the first batch; only the last one may say that all is in step.
        cursor = Cursor(selected.uidvalidity, uidnext, selected.modseq if is_last else None, now)
        happenings = (*(found if number == 0 else ()), *mails)
        yield MailboxBatch(folder.session.account.name, folder.name, happenings, cursor)


def _mails(folder: Folder, uids: Sequence[int], selected: Selected, now: datetime) -> list[Arrived]:
    reading = Reading(folder.session, folder.name, selected.uidvalidity, folder.is_junk, folder.wants_text, now)
    mails = reading.mails(uids) if uids else {}
    raw = reading.raw(list(mails)) if folder.session.account.receipts and mails else {}
    return [Arrived(uid, mails[uid], raw.get(uid, b"")) for uid in uids if uid in mails]


def _anew(
    folder: Folder, cursor: Cursor | None, watched: Mapping[int, Watched], now: datetime
) -> tuple[list[int], list[Happening]]:
    """The first look at a folder, or the first after its UIDs were thrown away (UIDVALIDITY, RFC 3501 2.3.1.1)."""
    since = now - folder.lookback if cursor is None else cursor.synced_at - CLOCKS_DIFFER
    recent = folder.session.uids_since(since, is_unseen=cursor is None) if folder.has_arrivals else []
    again = {mail: _found_again(folder.session, mail) for mail in watched.values()}
    found = [one for happenings in again.values() for one in happenings]
    known = {one.uid for one in found if isinstance(one, Renumbered)}
    gone = [mail for mail, happenings in again.items() if not happenings]
    # First those that are gone: another mail may have the UID now that one of them had.
    return [uid for uid in recent if uid not in known], [*(_looked_for(folder, gone) if gone else ()), *found]


def _found_again(session: Session, mail: Watched) -> list[Happening]:
    uids = session.uids_of(mail.message_id)
    if not uids:
        return []
    uid = uids[-1]
    happenings: list[Happening] = [Renumbered(mail.message_id, mail.uid, uid)]
    flags = session.flags([uid]).get(uid)
    if flags is not None and _differs(mail, flags):
        happenings.append(FlagsChanged(uid, mail.message_id, flags.is_seen, flags.is_answered))
    return happenings


def _compared(
    folder: Folder, selected: Selected, cursor: Cursor, watched: Mapping[int, Watched]
) -> Iterator[Happening]:
    is_in_step = folder.session.has_qresync and selected.modseq is not None and selected.modseq == cursor.modseq
    if not watched or is_in_step:
        return
    now_there = folder.session.flags(watched)
    for uid, mail in watched.items():
        flags = now_there.get(uid)
        if flags is not None and _differs(mail, flags):
            yield FlagsChanged(uid, mail.message_id, flags.is_seen, flags.is_answered)
    gone = [mail for uid, mail in watched.items() if uid not in now_there]
    if gone:
        yield from _looked_for(folder, gone)


def _differs(mail: Watched, flags: Flags) -> bool:
    return (mail.is_seen, mail.is_answered) != (flags.is_seen, flags.is_answered)


def _looked_for(folder: Folder, gone: Sequence[Watched]) -> list[Happening]:
    """Where vanished mails went: junk first, then the other places that a mail may be moved to, then anywhere."""
    session = folder.session
    places = [session.junk, *folder.others, *(session.places.values())]
    listed = [name for name in dict.fromkeys(places) if name and name != folder.name]
    ids = list(dict.fromkeys(mail.message_id for mail in gone))
    where = _found_in(session, listed, ids)
    lost = [id for id in ids if id not in where]
    elsewhere = [name for name in session.folders() if name not in (folder.name, *listed)] if lost else []
    # One without a Message-ID is found by reading a folder's last mails: too much for every folder there is.
    able = [id for id in lost if not id.endswith(NO_ID)][: MOST_SEARCHES // max(1, len(elsewhere))]
    where |= _found_in(session, elsewhere, able)
    unsure = set(lost) - set(able) if elsewhere else set()
    session.examine(folder.name)
    return [one for mail in gone for one in _moved(folder, mail, where.get(mail.message_id), mail.message_id in unsure)]


def _found_in(session: Session, names: Iterable[str], ids: Sequence[str]) -> "dict[str, _Place]":
    """Where these mails are, by Message-ID: the first of these folders that has them. Leaves another folder open."""
    where: dict[str, _Place] = {}
    for name in names:
        lost = [id for id in ids if id not in where]
        if lost and session.has_opened(name):
            where |= {id: found for id in lost if (found := _place_of(session, name, id))}
    return where


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a vanished mail is now, and how it stands there."""

    name: str
    uid: int
    flags: Flags


def _place_of(session: Session, name: str, message_id: str) -> _Place | None:
    uids = session.uids_of(message_id)
    flags = session.flags(uids[-1:])
    return _Place(name, uids[-1], flags[uids[-1]]) if flags else None


def _moved(folder: Folder, mail: Watched, found: _Place | None, is_unsure: bool) -> list[Happening]:
    if found is None:
        return [Removed(mail.uid, mail.message_id, mail.is_seen, is_lost=is_unsure)]
    removed = Removed(mail.uid, mail.message_id, found.flags.is_seen, found.name, found.uid)
    if found.name == folder.session.junk:
        return [removed, FiledAsJunk(mail.message_id)]
    return [removed, FiledAsJunk(mail.message_id, is_junk=False)] if folder.is_junk else [removed]
