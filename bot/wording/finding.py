"""Which receipts a mail system gave, in words."""

from bot.finding import Finding, Signal
from bot.language import N_, Words

_SIGNALS = {
    Signal.DSN: N_("Delivery report (DSN)"),
    Signal.MDN: N_("Read receipt (MDN)"),
    Signal.PICTURE: N_("Picture"),
    Signal.CONFIRM: N_("Button of the page"),
    Signal.REPLY: N_("Answer"),
}
_SHORT = {
    Signal.DSN: N_("DSN"),
    Signal.MDN: N_("MDN"),
    Signal.PICTURE: N_("Picture"),
    Signal.CONFIRM: N_("Button"),
    Signal.REPLY: N_("Answer"),
}
_GIVEN = {
    "delivered": N_("delivered"),
    "relayed": N_("handed on"),
    "delayed": N_("delayed"),
    "failed": N_("failed"),
    "displayed": N_("read"),
    "displayed manual": N_("read (sent by hand)"),
    "displayed automatic": N_("read (sent by itself)"),
    "empty": N_("came, proves nothing"),
    "deleted": N_("deleted unread"),
    "deleted manual": N_("deleted unread"),
    "deleted automatic": N_("deleted unread"),
    "confirmed": N_("pressed"),
    "replied": N_("answered"),
    "person": N_("loaded by a mail program"),
    "apple_mpp": N_("loaded by Apple's proxy"),
    "gmail_proxy": N_("loaded by Gmail's proxy"),
    "yahoo_proxy": N_("loaded by Yahoo's proxy"),
    "outlook_scanner": N_("loaded by Microsoft's scanner"),
    "security_scanner": N_("loaded by a scanner"),
    "prefetch": N_("loaded ahead"),
    "too_fast": N_("loaded at once, by a machine"),
    "burst": N_("loaded by a scanner"),
}


def signal_name(signal: Signal, words: Words, *, is_short: bool = False) -> str:
    """ "Read receipt (MDN)"; ``is_short``: "MDN"."""
    return words.gettext((_SHORT if is_short else _SIGNALS)[signal])


def finding_word(finding: Finding, words: Words, *, is_over: bool = True) -> str:
    """What came, or that nothing did (yet)."""
    if finding.given:
        form = _GIVEN.get(finding.given)
        return words.gettext(form) if form else finding.given
    if not finding.is_asked:
        return words.gettext("not asked for")
    return words.pgettext("no receipt came", "none") if is_over else words.gettext("none yet")
