"""The question whether a mail of the team may leave: why it waits, and how to let it. Nothing of what the mail says."""

from collections.abc import Iterator, Sequence

from bot.language import N_, Words
from bot.outgoing.care import Approval, Concern
from bot.wording.name import plain
from channels.message import Fact

MOST_NAMED = 10
_WITH_BUTTONS = frozenset({"slack", "discord"})
_BY_BUTTON = N_("Press “Approve”, or write: /kidoku approve %(id)d")
_BY_COMMAND = N_("At the command line: kidoku approve %(id)d --by %(who)s")
_BY_LINK = N_("By the link, or at the command line: kidoku approve %(id)d --by %(who)s")


def approval_facts(
    alert_id: int,
    approval: Approval | None,
    concerns: Sequence[Concern],
    channel: str,
    who: str,
    words: Words,
    link: str,
) -> tuple[Fact, ...]:
    """``concerns`` are all of the mail's, ``approval`` the rule by which some of them ask for a second person (None if
    the settings have none any more). ``who`` is asked over this channel, ``link`` theirs ("" for none)."""
    form = _BY_BUTTON if channel in _WITH_BUTTONS else _BY_LINK if link else _BY_COMMAND
    how = words.gettext(form) % {"id": alert_id, "who": who}
    why = " ".join(_reasons(approval, concerns, words)) if approval else ""
    facts = [(words.gettext("Why it waits"), why), (words.gettext("How to approve"), how)]
    return tuple(Fact(label, value) for label, value in facts if value)


def _reasons(approval: Approval, concerns: Sequence[Concern], words: Words) -> Iterator[str]:
    """Each concern for which the settings want a second person, with whom it is about and the rule that says so."""
    for one in (one for one in concerns if one.kind in approval.kinds):
        named = [plain(address) for address in one.addresses[:MOST_NAMED]]
        if (more := len(one.addresses) - len(named)) > 0:
            named.append(words.ngettext("%(n)d more", "%(n)d more", more) % {"n": more})
        said = f"{one.worded(words)} {words.gettext(', ').join(named)}".rstrip()
        yield words.gettext("%(said)s (the settings: sending.approval.for has %(rule)s)") % {
            "said": said,
            "rule": one.kind,
        }
