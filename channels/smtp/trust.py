"""What a connection is trusted by, and what must not come back from it into a log."""

import ssl
from base64 import b64encode
from dataclasses import replace

from channels.smtp.answer import SmtpError
from channels.smtp.config import SmtpSettings
from channels.smtp.fault import UNREADABLE


def tls_context(settings: SmtpSettings) -> ssl.SSLContext:
    """Trusts the machine's certificates, or ``ca_file`` alone. Blocks; raises SmtpError."""
    ca_file = settings.ca_file
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file is not None else None)
    except OSError as error:
        named = replace(UNREADABLE, words=f"{UNREADABLE.words}: {ca_file}")
        raise SmtpError(named, is_lost=True) from error


def secrets_of(settings: SmtpSettings) -> tuple[str, ...]:
    """The password as it may come back in an answer: bare, and as AUTH LOGIN and AUTH PLAIN encode it."""
    password = settings.password.get_secret_value() if settings.password is not None else ""
    if not password:
        return ()
    user = settings.username or ""
    forms = (password, f"\0{user}\0{password}", f"{user}\0{user}\0{password}")
    return (password, *(b64encode(one.encode("utf-8", "replace")).decode() for one in forms))
