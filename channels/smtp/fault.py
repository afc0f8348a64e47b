"""What the network does to a conversation with the mail server, in words."""

import ssl

from aiosmtplib import SMTPException, SMTPServerDisconnected

from channels.smtp.answer import Meaning, SmtpError, clean
from channels.system_fault import why_of
from escalation.phrase import N_

SILENT = Meaning(N_("the mail server does not answer"), is_channel_wide=True)
LOST = Meaning(N_("the connection to the mail server was lost"), is_channel_wide=True)
UNREACHED = Meaning(N_("the mail server can't be reached"), is_channel_wide=True)
UNTRUSTED = Meaning(
    N_("the mail server's TLS can't be trusted; look at smtp.host and smtp.ca_file"), is_channel_wide=True
)
UNREADABLE = Meaning(N_("smtp.ca_file can't be read, or holds no certificate"), is_channel_wide=True)
NO_TLS = Meaning(N_("the mail server offers no STARTTLS; look at smtp.security"), is_channel_wide=True)
NO_LOGIN = Meaning(N_("the mail server offers no login that Kidoku could use"), is_channel_wide=True)


def broken(error: Exception, lost: Meaning, *, maybe_sent: bool) -> SmtpError:
    """The fault behind an error of aiosmtplib's or of the network's; ``lost`` is what it means if it is no TLS."""
    cause = error.__cause__ if isinstance(error, SMTPException) and error.__cause__ is not None else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SmtpError(UNTRUSTED, words=clean(cause.verify_message), is_lost=True)
    if isinstance(cause, ssl.SSLError):
        return SmtpError(UNTRUSTED, words=clean(cause.reason or ""), is_lost=True, maybe_sent=maybe_sent)
    return SmtpError(lost, words=_why(cause), is_lost=True, maybe_sent=maybe_sent)


def _why(cause: BaseException) -> str:
    if isinstance(cause, SMTPServerDisconnected):
        return ""
    return clean(why_of(cause)) if isinstance(cause, OSError) and cause.errno else ""
