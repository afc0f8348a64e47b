"""What is said to whoever is connected with the sender of a mail, and to the sender."""

from collections.abc import Mapping

from bot.language import Words
from bot.wording.call_in import goodbye
from bot.wording.name import plain
from channels.inbox import SenderLine, Whisper
from escalation.event import Outcome


def word_line(number: str, name: str, digit: str, words: Words) -> SenderLine:
    """``name`` is how the settings call the sender, as one speaks of them: never what the mail says."""
    values = {"name": name, "digit": digit}
    return SenderLine(
        number=number,
        language=words.spoken,
        digit=digit,
        taken=words.gettext("Thank you. It is yours now."),
        offer=words.gettext("To talk with the sender, %(name)s, press %(digit)s.") % values,
        again=words.gettext("To call again, press %(digit)s.") % values,
        calling=words.gettext("Calling %(name)s. To hang up on them and come back here, press star.") % values,
        goodbye=goodbye(words),
        ended=_ended(name, words),
    )


def _ended(name: str, words: Words) -> Mapping[Outcome, str]:
    forms = {
        Outcome.ENDED: words.gettext("The call with %(name)s is over."),
        Outcome.HUNG_UP: words.gettext("%(name)s hung up before you were connected."),
        Outcome.BUSY: words.gettext("The line of %(name)s is busy."),
        Outcome.NO_ANSWER: words.gettext("%(name)s did not answer."),
        Outcome.REJECTED: words.gettext("%(name)s could not be called."),
    }
    return {outcome: form % {"name": name} for outcome, form in forms.items()}


def word_whisper(name: str, words: Words) -> Whisper:
    """To the sender, who may be of another company: ``name`` stands there without any title."""
    said = words.gettext(
        "This is Kidoku, which watches urgent mail. %(name)s has taken up your urgent mail and would like to talk "
        "with you. You are connected now."
    )
    return Whisper(words.spoken, said % {"name": plain(name)})
