"""The real Dovecot from Debian, run by the test from a configuration of its own, on loopback ports."""

import base64
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imapclient import IMAPClient

from tests.fakes.daemon import wait_until_up

PASSWORD = "secret-of-the-test"

CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/dovecot.log
instance_name = kidoku-test-{imap}
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{home}/mail/%u
mail_max_userip_connections = 2000
ssl = {ssl}
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
auth_username_chars =
mailbox_idle_check_interval = 1 secs
protocol imap {{
  imap_idle_notify_interval = 1 mins
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  client_limit = 2000
  process_limit = 4
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  client_limit = 25
  process_limit = 1000
}}
service stats {{
  client_limit = 4000
}}
service auth {{
  client_limit = 4000
}}
passdb {{
  driver = static
  args = password={{PLAIN.b64}}{password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
  mailbox Archive {{
    auto = create
    special_use = \\Archive
  }}
  mailbox Trash {{
    auto = create
    special_use = \\Trash
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def make_certificate(home: Path, name: str = "cert") -> Path:
    """A self-signed certificate for localhost and 127.0.0.1."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(home / "key.pem"), "-out", str(home / f"{name}.pem")]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return home / f"{name}.pem"


class Dovecot:
    """One server with its mailboxes; every user exists, with the same password."""

    def __init__(self, home: Path, password: str = PASSWORD) -> None:
        self.home = home
        self.password = password
        self.imap, self.imaps = free_port(), free_port()
        self.certificate = make_certificate(home)
        self._process: subprocess.Popen[bytes] | None = None
        if shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin") is None:
            raise RuntimeError("Dovecot is missing: run `make servers`, or apt-get install dovecot-imapd")
        self._configure()

    def _configure(self, ssl: str = "yes") -> None:
        is_root = os.getuid() == 0
        me, my_group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
        values = {
            "home": self.home,
            "imap": self.imap,
            "imaps": self.imaps,
            "internal": "dovecot" if is_root else me,
            "internal_group": "dovecot" if is_root else my_group,
            "login": "dovenull" if is_root else me,
            "user": "nobody" if is_root else me,
            "group": "nogroup" if is_root else my_group,
            "password": base64.b64encode(self.password.encode()).decode(),
            "ssl": ssl,
        }
        (self.home / "dovecot.conf").write_text(CONFIGURATION.format(**values))
        (self.home / "mail").mkdir(exist_ok=True)
        if is_root:
            # Dovecot delivers no mail as root.
            self.home.chmod(0o755)
            shutil.chown(self.home / "mail", "nobody", "nogroup")

    def start(self) -> None:
        command = ["dovecot", "-F", "-c", str(self.home / "dovecot.conf")]
        path = f"{os.environ['PATH']}:/usr/sbin"
        self._process = subprocess.Popen(
            command, env={**os.environ, "PATH": path}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        wait_until_up(self._process, self.imap, b"* OK", self.log)

    def log(self) -> str:
        path = self.home / "dovecot.log"
        return path.read_text()[-2000:] if path.exists() else ""

    def kill(self) -> None:
        """kill -9, the master and its children, as a power cut would."""
        assert self._process is not None
        children = subprocess.run(["pgrep", "-P", str(self._process.pid)], capture_output=True, text=True, check=False)
        self._process.kill()
        for child in children.stdout.split():
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._reap()
        shutil.rmtree(self.home / "run", ignore_errors=True)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._reap()

    def _reap(self) -> None:
        assert self._process is not None
        self._process.wait(20)
        if self._process.stderr:
            self._process.stderr.close()

    def client(self, user: str) -> IMAPClient:
        """Another mail program of this user."""
        client = IMAPClient("127.0.0.1", self.imap, ssl=False)
        client.login(user, self.password)
        return client

    @contextmanager
    def mailbox(self, user: str, folder: str = "INBOX") -> Iterator[IMAPClient]:
        client = self.client(user)
        try:
            client.select_folder(folder)
            yield client
        finally:
            client.logout()

    def append(self, user: str, raw: bytes, folder: str = "INBOX") -> None:
        with self.mailbox(user) as client:
            client.append(folder, raw)

    def set_seen(self, user: str, *, is_seen: bool = True) -> None:
        """Mark everything in the INBOX as read (or unread), as a mail program would."""
        with self.mailbox(user) as client:
            change = client.add_flags if is_seen else client.remove_flags
            change(client.search("ALL"), ["\\Seen"])

    def move(self, user: str, to: str) -> None:
        with self.mailbox(user) as client:
            client.move(client.search("ALL"), to)

    def expunge(self, user: str) -> None:
        with self.mailbox(user) as client:
            client.delete_messages(client.search("ALL"))
            client.expunge()

    def expunge_first(self, user: str) -> None:
        with self.mailbox(user) as client:
            client.delete_messages(client.search("ALL")[:1])
            client.expunge()

    def change_uidvalidity(self, user: str) -> None:
        """Throw the folder's UIDs away, as a restored backup does."""
        folder = self.home / "mail" / user
        header = (folder / "dovecot-uidlist").read_text().split()
        for path in folder.glob("dovecot*"):
            path.unlink()
        # Left alone Dovecot takes the second for it, and a quick test would get the same again.
        old = next(int(word[1:]) for word in header if word.startswith("V"))
        uidlist = folder / "dovecot-uidlist"
        uidlist.write_text(f"3 V{old + 1000} N1\n")
        if os.getuid() == 0:
            shutil.chown(uidlist, "nobody", "nogroup")


@contextmanager
def running(home: Path | None = None, password: str = PASSWORD) -> Iterator[Dovecot]:
    """A Dovecot for the length of a block. Unix socket paths are short, so its home is too."""
    folder = Path(tempfile.mkdtemp(prefix="kd", dir=home))
    server = Dovecot(folder, password)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
