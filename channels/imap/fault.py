"""What a mail server and the network do to a mailbox, in words that can be said in every language.

A server's own words, and those of imaplib, stay as they are, between quotation marks.
"""

import ssl

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from channels.system_fault import why_of
from escalation.phrase import Phrase

LONGEST_QUOTE = 200

_UNTRUSTED = Phrase("the mail server's TLS can't be trusted; look at the account's host, port, security and ca_file")


def words_of(error: Exception) -> str:
    """The fault as a phrase. A server's answer to a failed login may repeat what was sent: it is not shown."""
    if isinstance(error, LoginError):
        return Phrase("the server refused the login; check username and password")
    if error.args and isinstance(error.args[0], Phrase):
        return error.args[0]
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Phrase("%(wrong)s: “%(text)s”", wrong=_UNTRUSTED, text=quoted(_tls_words(error)))
    if isinstance(error, OSError):
        return Phrase("the connection to the mail server was lost: %(why)s", why=why_of(error))
    if isinstance(error, IMAPClientAbortError):
        return _aborted(error)
    if isinstance(error, IMAPClientError):
        return Phrase("the mail server refuses it: “%(text)s”", text=quoted(_said(error)))
    return Phrase("a fault inside Kidoku; see its log")


def unreached(server: str, error: OSError) -> Phrase:
    """No connection came about; ``server`` is its host and port."""
    return Phrase("%(server)s can't be reached: %(why)s", server=server, why=why_of(error))


def quoted(text: str) -> str:
    """Words of the server's on one line, cut."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1]}…"


def _aborted(error: Exception) -> Phrase:
    """imaplib's end of a connection: by the network, or by what the server said."""
    cause = error.__context__
    if isinstance(cause, OSError):
        return Phrase("the connection to the mail server was lost: %(why)s", why=why_of(cause))
    return Phrase("the connection to the mail server was lost: “%(text)s”", text=quoted(_said(error)))


def _tls_words(error: ssl.SSLError) -> str:
    said = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason
    return said or type(error).__name__


def _said(error: Exception) -> str:
    """imaplib raises some of the server's bytes as they came."""
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
