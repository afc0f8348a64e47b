"""The dialog of an urgent mail: what it asks, the mail that the answers make, and what is confirmed before it leaves.

It is the mail of ``kidoku send``, by the same code: recipients, concerns, preview, approval.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.chatops.dialog import FaultError, Scene, dialog_of, time_faults
from bot.chatops.when import read_when
from bot.desk import Desk
from bot.outgoing.addressing import Addressed, AddressingError, addressed
from bot.outgoing.confidential import fault_of
from bot.outgoing.plan import faults_of
from bot.outgoing.preview import concerns_of, first_lines, preview
from bot.outgoing.send import Draft, is_held, policy_named, send
from bot.post import Post
from bot.refusal import BadArgumentError
from bot.store.record import OutgoingMail
from bot.wording.name import cut
from channels.dialog import Ask, Dialog, Kind, Offer
from escalation.phrase import N_
from escalation.policy import EscalationPolicy

MOST_SUBJECT = 500
MOST_LINE = 250
"""Of a line that is confirmed; the text's own lines come last."""
_TIMES = N_("30m, 18:00, tomorrow 9:00")


@dataclass(frozen=True, slots=True)
class Sending:
    """What mails are sent by: None where the settings name no mail server; and the policies of now."""

    post: Post | None
    policies: Callable[[], Mapping[str, EscalationPolicy]]


def post_of(sending: Sending | None, scene: Scene) -> Post:
    """Raises BadArgumentError where no mail can be sent."""
    if sending is None or sending.post is None:
        no = scene.words.gettext("No mail can be sent: add smtp: to the settings (see config/example.yaml).")
        raise BadArgumentError(no)
    return sending.post


def asked(sending: Sending | None, scene: Scene) -> Dialog:
    """Raises BadArgumentError where no mail can be sent."""
    post = post_of(sending, scene)
    whom = scene.ask("to", "", hint=N_("alice, team:noc, guest@partner.example"), is_required=True)
    secret = scene.ask("confidential", N_("Confidential: the mail is only a link"), Kind.CHECK)
    asks = (
        replace(whom, label=scene.words.pgettext("whom a mail is for", "To")),
        scene.ask("subject", N_("Subject"), is_required=True),
        scene.ask("body", N_("Text"), Kind.LONG),
        *_which_policy(sending, scene),
        scene.ask("deadline", N_("To be read by"), hint=_TIMES),
        scene.ask("at", N_("When it leaves; empty: now"), hint=_TIMES),
        *((secret,) if post.public_url else ()),
    )
    return dialog_of(scene, N_("Urgent mail"), N_("Preview"), asks)


def _which_policy(sending: Sending | None, scene: Scene) -> tuple[Ask, ...]:
    names = sorted(sending.policies()) if sending is not None else []
    if len(names) < 2:
        return ()
    choices = tuple(Offer(one, one) for one in names[:100])
    return (scene.ask("policy", N_("Policy"), Kind.CHOICE, is_required=True, choices=choices),)


# What was answered ----------------------------------------------------------------------------------------------------


def settled(scene: Scene) -> Scene:
    """The answers with their times as instants on the asker's wall, so that what was previewed is what is sent."""
    zone = ZoneInfo(scene.asker.person.zone)
    instants = {name: _instant(scene.given(name), scene) for name in ("at", "deadline")}
    known = {name: at.astimezone(zone).isoformat(timespec="seconds") for name, at in instants.items() if at}
    return replace(scene, answers={**scene.answers, **known})


def _instant(text: str, scene: Scene) -> datetime | None:
    when = read_when(text)
    person = scene.asker.person
    return when.at(scene.now, person.zone, person.morning) if when is not None else None


def drafted(sending: Sending | None, scene: Scene) -> Draft:
    """The mail that the answers make, from whoever was asked. Raises FaultError with everything that is wrong."""
    post = post_of(sending, scene)
    faults: dict[str, str] = time_faults(scene, {name: scene.given(name) for name in ("at", "deadline")})
    to = _recipients(scene, faults)
    policy = _policy(sending, scene, faults)
    if not (subject := " ".join(scene.given("subject").split())[:MOST_SUBJECT]):
        faults["subject"] = scene.words.gettext("The mail has no subject.")
    starts_at, deadline = (_instant(scene.given(name), scene) for name in ("at", "deadline"))
    for name, fault in faults_of(scene.now, starts_at, deadline).items():
        faults.setdefault(name, scene.words.gettext(fault))
    is_confidential = bool(scene.given("confidential"))
    if fault := fault_of(post, is_confidential, None, starts_at or scene.now):
        faults["confidential"] = scene.words.gettext(fault)
    if faults or policy is None:
        raise FaultError(faults)
    mail = OutgoingMail(
        sender=post.sender, subject=subject, text=scene.answers.get("body", ""), is_confidential=is_confidential
    )
    return Draft(mail, to, policy, scene.asker.id, starts_at=starts_at, deadline=deadline)


def _recipients(scene: Scene, faults: dict[str, str]) -> tuple[Addressed, ...]:
    words = scene.words
    try:
        found = tuple(addressed([scene.given("to").replace("\n", ", ")], scene.roster))
    except AddressingError as error:
        form = words.gettext("“%(text)s” is no recipient; write a mail address, a person or team:name with an address.")
        faults["to"] = form % {"text": error.text[:200]}
        return ()
    if not found:
        faults["to"] = words.gettext("Nobody would get it.")
    return found


def _policy(sending: Sending | None, scene: Scene, faults: dict[str, str]) -> EscalationPolicy | None:
    policies = sending.policies() if sending is not None else {}
    found = policy_named(policies, scene.given("policy"))
    if found is None:
        form = scene.words.gettext("Which policy? Choose one of: %(policies)s.")
        faults["policy"] = form % {"policies": scene.words.listed(sorted(policies))}
    return found


# Before it leaves, and when it does -----------------------------------------------------------------------------------


def confirmed(dialog: Dialog, draft: Draft, post: Post, scene: Scene, mark: str) -> Dialog:
    """What is shown before the mail leaves: to how many it goes, its head, how it begins, what to look at again."""
    words = scene.words
    # What is to be looked at again comes first, and nothing is long: Discord shows 2,000 characters of it all.
    lines = [f"⚠ {one.worded(words)} {words.listed(one.addresses)}".rstrip() for one in concerns_of(draft, post)]
    lines += [f"{label}: {value}" for label, value in preview(draft, post, words, scene.now)]
    lines = [cut(one, MOST_LINE) for one in lines]
    count = words.ngettext("Send to %(n)d recipient", "Send to %(n)d recipients", len(draft.to)) % {"n": len(draft.to)}
    return replace(
        dialog,
        key=f"{scene.key}.{mark}",
        lines=(*lines, *(f"| {line}" for line in first_lines(draft))),
        submit=count,
        close=words.gettext("Back"),
        is_confirming=True,
    )


async def leave(desk: Desk, draft: Draft, post: Post, scene: Scene) -> tuple[int, str]:
    """Send it; the alert's id, and what to tell whoever sent it."""
    words = scene.words
    id = await send(desk, draft, post)
    text = words.ngettext(
        "#%(id)d goes to %(n)d recipient. Who has read it: status %(id)d",
        "#%(id)d goes to %(n)d recipients. Who has read it: status %(id)d",
        len(draft.to),
    )
    if await is_held(desk, id):
        text = words.gettext("#%(id)d waits until somebody else approves it.")
    return id, text % {"id": id, "n": len(draft.to)}
