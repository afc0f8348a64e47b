"""Dialogs that people have before them: opened, answered, confirmed, done once.

What was asked of whom, and what they answered so far, is in the store: any node can take the answers, after a restart
too. What is done is committed with the mark that it was: the same answers again do nothing more.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.chatops import compose, dialog
from bot.chatops.asker import Asker, let_in
from bot.chatops.command import Command, NotUnderstoodError
from bot.chatops.compose import Sending
from bot.chatops.dialog import FaultError, Scene
from bot.chatops.parse import of_options
from bot.chatops.perform import ABOUT_ALERT, act, find_alert
from bot.chatops.vocabulary import Name
from bot.desk import Desk
from bot.engine import Engine
from bot.failpoint import failpoint
from bot.outgoing.send import Draft
from bot.refusal import BadArgumentError, RefusalError
from bot.routes import NO_ROUTES
from bot.store.record import AuditOutcome, DialogRow
from bot.store.store import Tx
from bot.wanted import OPEN
from channels.dialog import Dialog
from channels.inbox import Answered, Reply

DIALOG_KEPT = timedelta(days=1)
"""What nobody has answered by then must be asked anew."""
MOST_ANSWER = 4_000
Job = Callable[[Desk], Awaitable[Reply]]
_KEY = re.compile(r"([0-9a-f]{16})(?:\.([0-9a-f]{12}))?")


class Dialogs:
    """The dialogs of one bot. Every method raises what the verb itself would refuse with, a RefusalError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.sending: Sending | None = None

    async def open_for(self, asker: Asker, command: Command, text: str) -> Reply:
        """The dialog that asks for what a command lacks; ``text`` says what could be typed instead."""
        let_in(asker, command.name)
        alert_id = 0
        if command.name in ABOUT_ALERT and command.alert:
            async with self._engine.store.reading() as tx:
                alert_id = await find_alert(tx, command.alert, asker.words)
        name = "to" if command.name is Name.SEND else ""
        answers = {"start": command.start, "end": command.end, "person": command.person, "schedule": command.schedule}
        given = {key: value for key, value in (answers | {name: command.argument}).items() if key and value}
        return await self.open(asker, command.name, alert_id, given, text)

    async def open(
        self, asker: Asker, verb: str, alert_id: int = 0, answers: Mapping[str, str] | None = None, text: str = ""
    ) -> Reply:
        """A new dialog, with what is known of its answers."""

        async def job(desk: Desk) -> Reply:
            let_in(asker, verb)
            row = DialogRow(
                key=secrets.token_hex(8),
                person=asker.id,
                verb=verb,
                made_at=desk.now,
                alert_id=alert_id,
                answers=_cleaned(answers or {}),
                rooms=asker.rooms,
            )
            scene = _about_the_only_one(await _scene(desk, row, asker))
            shown = self._drawn(verb, scene)
            await desk.tx.add_dialog(replace(row, alert_id=scene.alert.id if scene.alert else 0))
            return Reply(text or _unopened(asker), is_done=False, dialog=shown)

        return await self._run(job)

    async def reopen(self, asker: Asker, key: str) -> Reply:
        """The dialog that they had before, as they answered it."""

        async def job(desk: Desk) -> Reply:
            row = _theirs(await _row(desk.tx, key), asker)
            if row.done_at is not None:
                return _done_before(row, asker)
            let_in(asker, row.verb)
            shown = self._drawn(row.verb, await _scene(desk, row, asker))
            return Reply(_unopened(asker), is_done=False, dialog=shown)

        return await self._run(job)

    async def row(self, key: str) -> DialogRow | None:
        """The dialog with this key, or whose confirmation has it; None if it is not known any more."""
        async with self._engine.store.reading() as tx:
            return await _row(tx, key)

    async def answered(self, asker: Asker, answered: Answered) -> Reply:
        """Do it, or ask for a confirmation, or ask again."""

        async def job(desk: Desk) -> Reply:
            row = _theirs(await _row(desk.tx, answered.key, is_taken=True), asker)
            if row.done_at is not None:
                return _done_before(row, asker)
            let_in(asker, row.verb)
            answers = {**row.answers, **_cleaned(answered.answers)}
            scene = replace(await _scene(desk, row, asker), answers=answers)
            try:
                return await self._take(desk, row.verb, scene, answered.key)
            except FaultError as error:
                await desk.tx.put_answers(row.key, answers)
                text = "\n".join(error.faults.values())
                return Reply(text, is_done=False, dialog=self._drawn(row.verb, scene), faults=error.faults)

        return await self._run(job)

    async def _run(self, job: Job) -> Reply:
        """A refusal must not undo what shares the commit: it is carried out of it."""

        async def kept(desk: Desk) -> Reply | Exception:
            try:
                return await job(desk)
            except RefusalError as error:
                return error

        result = await self._engine.submit(kept)
        failpoint("dialog.committed")
        if isinstance(result, Exception):
            raise result
        return result

    # What is asked ---------------------------------------------------------------------------------------------------

    def _drawn(self, verb: str, scene: Scene) -> Dialog:
        if verb == Name.SEND:
            return compose.asked(self.sending, scene)
        if verb != Name.OVERRIDE:
            dialog.refuse_unless_open(scene)
        return dialog.asked(verb, scene)

    # What was answered -----------------------------------------------------------------------------------------------

    async def _take(self, desk: Desk, verb: str, scene: Scene, key: str) -> Reply:
        if verb == Name.SEND:
            return await self._send(desk, scene, key)
        alert_id = await _alert_of(desk, verb, scene)
        command, field = dialog.command_of(verb, scene)
        try:
            # No dialog asks for what names rules.
            text = await act(desk, _checked(command), alert_id, scene.asker, NO_ROUTES)
        except (BadArgumentError, NotUnderstoodError) as error:
            raise FaultError({field: scene.words.sentence(error.args[0])}) from error
        await desk.tx.finish_dialog(scene.key, alert_id, desk.now)
        return Reply(text)

    async def _send(self, desk: Desk, scene: Scene, key: str) -> Reply:
        """The first time the preview; the mail leaves when exactly that was confirmed."""
        scene = compose.settled(scene)
        draft = compose.drafted(self.sending, scene)
        post = compose.post_of(self.sending, scene)
        mark = _mark(scene.answers, draft)
        if key != f"{scene.key}.{mark}":
            await desk.tx.put_answers(scene.key, scene.answers)
            shown = compose.confirmed(self._drawn(Name.SEND, scene), draft, post, scene, mark)
            return Reply("\n".join(shown.lines), is_done=False, dialog=shown)
        id, text = await compose.leave(desk, draft, post, scene)
        entry = scene.asker.entry(desk.now, Name.SEND, AuditOutcome.DONE, scene.given("to"))
        await desk.tx.add_audit(replace(entry, alert_id=id))
        await desk.tx.finish_dialog(scene.key, id, desk.now)
        failpoint("dialog.staged")
        return Reply(text)


async def _row(tx: Tx, key: str, *, is_taken: bool = False) -> DialogRow | None:
    """``is_taken``: nobody else may answer it until the commit."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    return await tx.take_dialog(found[1]) if is_taken else await tx.dialog(found[1])


async def _scene(desk: Desk, row: DialogRow, asker: Asker) -> Scene:
    """Raises BadArgumentError if what it is about is gone."""
    scene = Scene(row.key, asker, desk.rules.roster, desk.now, answers=row.answers)
    if row.alert_id:
        alert = (await desk.load([row.alert_id])).get(row.alert_id)
        if alert is None:
            raise BadArgumentError(asker.words.gettext("There is no alert #%(id)d.") % {"id": row.alert_id})
        return replace(scene, alert=alert)
    if row.verb not in ABOUT_ALERT:
        return scene
    return replace(scene, alerts=tuple(await desk.tx.list_alerts(statuses=OPEN, limit=dialog.MOST_OFFERED)))


def _about_the_only_one(scene: Scene) -> Scene:
    """Settled when it is opened: later another alert may be the only one."""
    return replace(scene, alert=scene.alerts[0], alerts=()) if len(scene.alerts) == 1 else scene


async def _alert_of(desk: Desk, verb: str, scene: Scene) -> int:
    if verb not in ABOUT_ALERT:
        return 0
    if scene.alert is not None:
        return scene.alert.id
    return await find_alert(desk.tx, dialog.alert_named(scene), scene.words)


def _checked(command: Command) -> Command:
    """As a form's fields are checked."""
    names = ("argument", "schedule", "person", "start", "end")
    return of_options(command.name, {name: getattr(command, name) for name in names})


def _theirs(row: DialogRow | None, asker: Asker) -> DialogRow:
    if row is None or row.person != asker.id:
        raise BadArgumentError(asker.words.gettext("This window is out of date. Please open it again."))
    return row


def _done_before(row: DialogRow, asker: Asker) -> Reply:
    text = asker.words.gettext("That was done already.")
    return Reply(f"{text} (#{row.alert_id})" if row.alert_id else text)


def _unopened(asker: Asker) -> str:
    return asker.words.gettext("The window could not be opened. Please try again.")


def _cleaned(answers: Mapping[str, str]) -> dict[str, str]:
    """What any database takes, within what any provider lets people write."""
    return {
        name: value.replace("\x00", "").encode("utf-8", "replace").decode()[:MOST_ANSWER]
        for name, value in answers.items()
    }


def _mark(answers: Mapping[str, str], draft: Draft) -> str:
    """By this it is known that what was confirmed is what was previewed: the settings, too, may have changed since."""
    to = [one.recipient.address for one in draft.to]
    said = json.dumps([sorted(answers.items()), to, draft.policy.name, draft.mail.sender])
    return hashlib.sha256(said.encode()).hexdigest()[:12]
