"""The real Postfix from Debian, run by the test from a directory of its own, on loopback ports.

Postfix starts as root only. An ordinary user gives it a user namespace, in which it is root over nobody's files
(newuidmap, from Debian's uidmap); where that is forbidden, ``why_not`` says so.

Who is there: ``USERS`` at ``DOMAINS``, each with a Maildir. Mail to anybody else there is taken and then bounces, but
refused… is refused at RCPT. dead.example does not answer, so its mail is delayed. What goes to relayed.example is
handed to ``relay_port``.
"""

import functools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.daemon import nap, wait_until_up
from tests.fakes.dovecot import free_port, make_certificate

PROGRAMS = Path("/usr/lib/postfix/sbin")
NOBODY = 65534

MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mail.example
myorigin = mail.example
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
recipient_delimiter = +
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = texthash:{home}/etc/mailboxes
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
transport_maps = inline:{{ dead.example=smtp:[127.0.0.1]:{dead}, relayed.example=smtp:[127.0.0.1]:{relay} }}
smtpd_reject_unlisted_recipient = no
smtpd_recipient_restrictions = {login}check_recipient_access regexp:{home}/etc/refused, permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = {home}/cert.pem
smtpd_tls_key_file = {home}/key.pem
smtpd_sasl_auth_enable = {has_auth}
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_discard_ehlo_keywords = {discarded}
smtp_tls_security_level = none
message_size_limit = 1000000
delay_warning_time = 1s
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
"""

MASTER = """
{smtp} inet n - n - - smtpd
{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

DOMAINS = ("company.example", "example.jp")
USERS = ("hanako", "taro", "noc", "bounces", "receipts", "花子", "a..b.", *(f"user{number}" for number in range(10)))
REFUSED = "/^refused/ 550 5.1.1 Recipient address rejected: no such mailbox here\n"

SET_UP = """
set -eu
cd "$0/queue"
mkdir -p active bounce corrupt defer deferred flush hold incoming maildrop pid private public saved trace
chown root . && chmod 755 .
chmod 700 active bounce corrupt defer deferred flush hold incoming private saved trace
chmod 730 maildrop && chmod 710 public
chown postfix active bounce corrupt defer deferred flush hold incoming maildrop private public saved trace ../data
chgrp postdrop maildrop public
exec "$1/master" -d -c "$0/etc"
"""


@functools.cache
def enter() -> tuple[str, ...]:
    """What makes a command root enough for Postfix; nothing if it is root already."""
    if os.getuid() == 0:
        return ()
    me = [f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--map-users=auto", "--map-groups=auto"]
    return ("unshare", "--user", *me, "--setuid=0", "--setgid=0", "--")


@functools.cache
def why_not() -> str:
    """Why Postfix can't be run here by this user; "" if it can. Raises RuntimeError if it is not even installed."""
    if not (PROGRAMS / "master").exists():
        raise RuntimeError("Postfix is missing: run `make servers`, or apt-get install postfix uidmap")
    if not enter():
        return ""
    try:
        tried = subprocess.run([*enter(), "chown", "--version"], capture_output=True, check=False, text=True)
    except OSError as error:
        return f"Postfix runs as root only, and there is no unshare: {error}"
    if tried.returncode == 0:
        return ""
    return f"Postfix runs as root only, and this machine allows no user namespace: {tried.stderr.strip()}"


class Postfix:
    """One server. ``auth`` is the port of a Dovecot that checks passwords: only who logged in may send then."""

    def __init__(self, home: Path, *, has_dsn: bool = True, relay_port: int = 9, auth: int | None = None) -> None:
        self.home = home
        self.mail = home / "mail"
        self.smtp, self.smtps, self._dead = free_port(), free_port(), free_port()
        self.certificate = make_certificate(home)
        self._process: subprocess.Popen[bytes] | None = None
        self._configure(has_dsn, relay_port, auth)

    def _configure(self, has_dsn: bool, relay_port: int, auth: int | None) -> None:
        for name in ("etc", "queue", "data", "mail"):
            (self.home / name).mkdir()
        self.home.chmod(0o755)
        if os.getuid() == 0:
            os.chown(self.mail, NOBODY, NOBODY)
        main = MAIN.format(
            home=self.home,
            domains=" ".join(DOMAINS),
            mail=self.mail,
            nobody=NOBODY,
            dead=self._dead,
            relay=relay_port,
            has_auth="no" if auth is None else "yes",
            auth=auth or 0,
            login="" if auth is None else "permit_sasl_authenticated, reject, ",
            discarded="" if has_dsn else "dsn",
        )
        files = {"main.cf": main, "master.cf": MASTER.format(smtp=self.smtp, smtps=self.smtps), "refused": REFUSED}
        mailboxes = "".join(f"{user}@{domain} {user}/\n" for user in USERS for domain in DOMAINS)
        for name, text in {**files, "mailboxes": mailboxes}.items():
            (self.home / "etc" / name).write_text(text)

    def start(self) -> None:
        command = [*enter(), "sh", "-c", SET_UP, str(self.home), str(PROGRAMS)]
        path = f"{os.environ['PATH']}:/usr/sbin:/usr/bin:/bin"
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "PATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # Postfix ends its children by their process group.
            start_new_session=True,
        )
        wait_until_up(self._process, self.smtp, b"220 ", self.log)

    def log(self) -> str:
        path = self.home / "postfix.log"
        return path.read_text()[-4000:] if path.exists() else ""

    def stop(self) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        self._process.wait(20)
        if self._process.stderr:
            self._process.stderr.close()

    def mails(self, user: str) -> list[bytes]:
        """What was delivered to this user, in the order of its arrival."""
        found = (self.mail / user / "new").glob("*")
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)]

    def wait_for(self, user: str, text: bytes, count: int = 1) -> list[bytes]:
        """The mails of this user that hold ``text``, as soon as there are so many. Blocks."""
        for _ in range(1500):
            found = [one for one in self.mails(user) if text in one]
            if len(found) >= count:
                return found
            assert self._process is not None
            nap(self._process)
        raise AssertionError(f"{user} has no {count} mails with {text!r}: {self.log()}")

    def remove(self) -> None:
        """Files of Postfix's own users can be removed only where they exist."""
        subprocess.run([*enter(), "rm", "-rf", str(self.home / "queue"), str(self.home / "data")], check=False)
        shutil.rmtree(self.home, ignore_errors=True)


@contextmanager
def running(*, has_dsn: bool = True, relay_port: int = 9, auth: int | None = None) -> Iterator[Postfix]:
    """A Postfix for the length of a block. Unix socket paths are short, so its home is too."""
    server = Postfix(Path(tempfile.mkdtemp(prefix="kp")), has_dsn=has_dsn, relay_port=relay_port, auth=auth)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        server.remove()
