"""What somebody hears who rings Kidoku."""

from bot.language import Words
from bot.wording.name import plain
from escalation.roster import Person

MOST_TOLD = 10


def ask_pin(words: Words) -> str:
    return words.sentences(
        words.gettext("This is Kidoku, which watches urgent mail."),
        words.gettext("Please enter your PIN, and then press hash."),
    )


def wrong_pin(words: Words) -> str:
    return words.gettext("That PIN is not right.")


def not_heard(words: Words) -> str:
    return words.gettext("Too many wrong PINs were entered. Please call again later.")


def goodbye(words: Words) -> str:
    return words.gettext("Goodbye.")


def welcome(person: Person, own: int, others: int, words: Words) -> str:
    """``own`` mails are unread for them; ``others`` are open, and told if none is."""
    hello = words.gettext("Hello %(name)s.") % {"name": words.address(plain(person.name))}
    count = own or others
    if own:
        said = words.ngettext("%(n)d urgent mail is unread for you.", "%(n)d urgent mails are unread for you.", own)
    elif others:
        said = words.ngettext(
            "Nothing is unread for you. %(n)d urgent mail is open.",
            "Nothing is unread for you. %(n)d urgent mails are open.",
            others,
        )
    else:
        said = words.gettext("No urgent mail is waiting.")
    rest = words.gettext("You hear the %(n)d most urgent ones.") % {"n": MOST_TOLD} if count > MOST_TOLD else ""
    return words.sentences(hello, said % {"n": count} if count else said, rest)


def offer(digit: str, words: Words) -> str:
    return words.gettext("To take all of them, press %(digit)s. To hear them one by one, stay on the line.") % {
        "digit": digit
    }


def answers(words: Words) -> dict[str, str]:
    """What differs in the speech of a mail that somebody hears who rang us: each is one of several, and # goes on."""
    return {
        "confirmed": words.gettext("Thank you. It is yours now."),
        "called_back": "",
        "goodbye": goodbye(words),
        "later_menu": words.gettext("To go on, press hash."),
    }
