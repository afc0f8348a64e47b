"""Why a routing rule matched a mail, or why not: a code with its parameters, and the sentence in English."""

from dataclasses import dataclass
from enum import StrEnum


class WhyCode(StrEnum):
    """Why a rule matched or did not. Each has a sentence in ``SENTENCES``; others may word it in their language."""

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
    """One reason. ``wanted`` is the rule's side, ``found`` the mail's; ``holds`` says which way it came out."""

    code: WhyCode
    holds: bool
    wanted: str = ""
    found: str = ""

    @property
    def sentence(self) -> str:
        """The reason in English, without a full stop."""
        return SENTENCES[self.code, self.holds].format(wanted=self.wanted, found=self.found or "nothing")


SENTENCES = {
    (WhyCode.ALL, True): "it has no conditions",
    (WhyCode.ACCOUNT, True): "the account is {found}",
    (WhyCode.ACCOUNT, False): "the account is {found}, not {wanted}",
    (WhyCode.FOLDER, True): "the folder is {found}",
    (WhyCode.FOLDER, False): "the folder is {found}, not {wanted}",
    (WhyCode.SENDER, True): "it is from {found}",
    (WhyCode.SENDER, False): "it is from {found}, not {wanted}",
    (WhyCode.RECIPIENT, True): "it is to {found}",
    (WhyCode.RECIPIENT, False): "it is to {found}, not {wanted}",
    (WhyCode.SUBJECT, True): "the subject has “{found}”",
    (WhyCode.SUBJECT, False): "the subject does not match {wanted}",
    (WhyCode.LIST_ID, True): "the list is {found}",
    (WhyCode.LIST_ID, False): "the list is {found}, not {wanted}",
    (WhyCode.HEADER, True): "the header {found} matches {wanted}",
    (WhyCode.HEADER, False): "the header {found} does not match {wanted}",
    (WhyCode.NO_HEADER, False): "it has no header {wanted}",
    (WhyCode.IMPORTANCE, True): "its sender calls it important ({found})",
    (WhyCode.IMPORTANCE, False): "its sender does not call it important",
    (WhyCode.FLAGGED, True): "it is {found}",
    (WhyCode.FLAGGED, False): "it is {found}",
    (WhyCode.KEYWORD, True): "it has the keyword {found}",
    (WhyCode.KEYWORD, False): "its keywords are {found}, not {wanted}",
    (WhyCode.PREFIX, True): "the subject begins with “{found}”",
    (WhyCode.PREFIX, False): "the subject does not begin with {wanted}",
    (WhyCode.TEXT, True): "the text has “{found}”",
    (WhyCode.TEXT, False): "the text does not match {wanted}",
    (WhyCode.BULK, False): "it is bulk or list mail ({found}), and the rule does not include it",
    (WhyCode.OWN, False): "Kidoku sent it itself ({found})",
    (WhyCode.BOUNCE, False): "it is a bounce ({found})",
    (WhyCode.AUTO_REPLY, False): "it is an automatic reply ({found})",
    (WhyCode.EARLIER, False): "it was not tried: the rule {found} matched first",
}
