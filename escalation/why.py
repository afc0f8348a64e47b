"""Why a routing rule matched a mail, or why not: a code with its parameters, and the sentence."""

from dataclasses import dataclass
from enum import StrEnum

from escalation.phrase import N_, Phrase


class WhyCode(StrEnum):
    """Why a rule matched or did not. Each has a sentence in ``SENTENCES``."""

    ALL = "all"
    ACCOUNT = "account"
    FOLDER = "folder"
    SENDER = "sender"
    RECIPIENT = "recipient"
    SUBJECT = "subject"
    LIST_ID = "list_id"
    HEADER = "header"
    NO_HEADER = "no_header"
    IMPORTANCE = "importance"
    FLAGGED = "flagged"
    KEYWORD = "keyword"
    PREFIX = "prefix"
    TEXT = "text"
    BULK = "bulk"
    OWN = "own"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Why:
    """One reason. ``wanted`` is the rule's side, ``found`` the mail's; ``holds`` says which way it came out.

    Both are texts that ``bot.language.Words.said`` can say; what the rule or the mail says itself stays as it is.
    """

    code: WhyCode
    holds: bool
    wanted: str = ""
    found: str = ""

    @property
    def sentence(self) -> Phrase:
        """The reason, without a full stop."""
        return Phrase(SENTENCES[self.code, self.holds], wanted=self.wanted, found=self.found or Phrase("nothing"))


SENTENCES = {
    (WhyCode.ALL, True): N_("it has no conditions"),
    (WhyCode.ACCOUNT, True): N_("the account is %(found)s"),
    (WhyCode.ACCOUNT, False): N_("the account is %(found)s, not %(wanted)s"),
    (WhyCode.FOLDER, True): N_("the folder is %(found)s"),
    (WhyCode.FOLDER, False): N_("the folder is %(found)s, not %(wanted)s"),
    (WhyCode.SENDER, True): N_("it is from %(found)s"),
    (WhyCode.SENDER, False): N_("it is from %(found)s, not %(wanted)s"),
    (WhyCode.RECIPIENT, True): N_("it is to %(found)s"),
    (WhyCode.RECIPIENT, False): N_("it is to %(found)s, not %(wanted)s"),
    (WhyCode.SUBJECT, True): N_("the subject has “%(found)s”"),
    (WhyCode.SUBJECT, False): N_("the subject does not match %(wanted)s"),
    (WhyCode.LIST_ID, True): N_("the list is %(found)s"),
    (WhyCode.LIST_ID, False): N_("the list is %(found)s, not %(wanted)s"),
    (WhyCode.HEADER, True): N_("the header %(found)s matches %(wanted)s"),
    (WhyCode.HEADER, False): N_("the header %(found)s does not match %(wanted)s"),
    (WhyCode.NO_HEADER, False): N_("it has no header %(wanted)s"),
    (WhyCode.IMPORTANCE, True): N_("its sender calls it important (%(found)s)"),
    (WhyCode.IMPORTANCE, False): N_("its sender does not call it important"),
    (WhyCode.FLAGGED, True): N_("it is %(found)s"),
    (WhyCode.FLAGGED, False): N_("it is %(found)s"),
    (WhyCode.KEYWORD, True): N_("it has the keyword %(found)s"),
    (WhyCode.KEYWORD, False): N_("its keywords are %(found)s, not %(wanted)s"),
    (WhyCode.PREFIX, True): N_("the subject begins with “%(found)s”"),
    (WhyCode.PREFIX, False): N_("the subject does not begin with %(wanted)s"),
    (WhyCode.TEXT, True): N_("the text has “%(found)s”"),
    (WhyCode.TEXT, False): N_("the text does not match %(wanted)s"),
    (WhyCode.BULK, False): N_("it is bulk or list mail (%(found)s), and the rule does not include it"),
    (WhyCode.OWN, False): N_("Kidoku sent it itself (%(found)s)"),
    (WhyCode.BOUNCE, False): N_("it is a bounce (%(found)s)"),
    (WhyCode.AUTO_REPLY, False): N_("it is an automatic reply (%(found)s)"),
    (WhyCode.EARLIER, False): N_("it was not tried: the rule %(found)s matched first"),
}
