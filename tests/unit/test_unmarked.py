"""No text for people goes past the catalogue: every literal in the source that reads like English is marked, or stands
here with the reason why nobody reads it in their own language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
from bot.locale_tool import SOURCES
from tests.fakes.literals import Literal, unmarked

ROOT = Path(str(bot.__file__)).parent.parent

FILES = {
    "bot/messages_doc/": "writes docs/messages*.md, with texts of its own in each language",
    "bot/locale_tool.py": "a tool of the developers",
    "bot/state_diagram.py": "writes docs/states.md, in English as all of docs/",
    "bot/chronicle.py": "log lines",
    "bot/metrics.py": "the metrics' own descriptions, for Prometheus",
    "bot/usage.py": "patterns of typer's English, which is said in the reader's language by them",
    "bot/reply.py": "words that people may type",
    "bot/store/migrations/": "SQL",
    "bot/store/tables.py": "SQL",
    "bot/web/openings.py": "evidence for programs: stored, and shown in JSON alone",
    "channels/apprise/lineworks.py": "what apprise logs: channels/apprise/answer.py has words for it",
    "channels/gateway/handler.py": "SMTP replies, which are in English (its docstring says why)",
    "channels/gateway/protocol.py": "SMTP replies",
    "channels/gateway/receipts.py": "SMTP replies",
    "channels/receipts/": "patterns of what mail systems of the world write",
    "escalation/away.py": "patterns of what absent people's mail programs write",
    "escalation/urgency.py": "words that senders write",
}
CALLS = {
    "Field": "an example or a note of the settings' schema, which editors show; English as docs/settings.md",
    "WithJsonSchema": "the same",
    "compile": "a pattern",
    "text": "SQL",
    "RetryLater": "a reason: tests/unit/test_wording_reason.py holds that each has words",
    "Rejected": "the same",
    "SmtpError": "the same",
    "Unavailable": "why the translation service is left alone: for the log",
    "_leave_alone": "the same",
    "ConflictError": "the engine tries again; nobody reads it",
    "FullError": "the page says busy; nobody reads it",
    "Refusal": "an SMTP reply",
    "Transition": "docs/states.md",
    "_keys": "words that people may type",
    "WakeUp": "a name of Kidoku's inside",
    "create_task": "a task's name",
}
TEXTS = {
    "what is typed, the same in each language": {
        "[ID] 15m|until 9:00|until morning",
        "[ID] [to PERSON|to step 3]",
        "POLICY [at 2:00] [read alice 7m] [ack bob 9m]",
        "snooze 42 30m | until 9:00 | until morning",
        "escalate 42 [to PERSON | to step 3]",
        "swap [SCHEDULE] MY_SHIFT with PERSON [for THEIR_SHIFT] | accept 3 | decline 3",
        "silence rule RULE | from SENDER | subject TEXT for 2h why REASON",
        "simulate POLICY [at 2:00] [read alice 7m] [ack bob 9m]",
        "lang ja|en|zh",
        "send [alice, team:noc, guest@partner.example]",
        "read alice|bob",
        "  .venv/bin/kidoku demo --send '【緊急】 test' --port ",
        "kidoku confirm ",
        "kidoku swap --accept ",
        " · kidoku swap --decline ",
    },
    "what people or other programs write, and Kidoku understands": {
        "this week",
        "this month",
        "tomorrow morning",
        "junk email",
        "bulk mail",
        "<int range>",
        "<float range>",
    },
    "stored in English, and said in words by bot/wording/": {
        "given up: ",
        "perhaps forwarded",
        " min before: ",
        "the service answered ",
        "Twilio error ",
        ", Twilio error ",
        "(?P<what>.+) \\(HTTP (?P<code>[0-9]{3}), Twilio error None\\)",
        "wrong keys",
        "called off",
    },
    "evidence for programs: stored, and shown in JSON alone": {
        "the button of the page",
        "one network fetched for several recipients at once",
        "displayed manual",
        "displayed automatic",
        "deleted manual",
        "deleted automatic",
    },
    "a header, a part or a page of mail or HTTP": {
        "Auto-Submitted: auto-replied",
        "X-Kidoku: bounce",
        'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="',
        "text/plain; charset=us-ascii",
        "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64",
        "Reporting-MTA: dns; ",
        "Action: failed",
        "Diagnostic-Code: smtp; ",
        "noopener noreferrer nofollow",
        '<a href="{0}" rel="noopener noreferrer nofollow" target="_blank">{0}</a>',
        "private, no-cache",
        'inline; filename="kidoku.ics"',
        "text/calendar; charset=utf-8",
        "default-src 'none'; style-src 'sha256-",
        "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "noindex, nofollow, noarchive",
        "attachment; filename*=UTF-8''",
        "default-src 'none'; sandbox",
        "; img-src data:",
        '<div style="white-space:pre-wrap">',
        '<img src="',
        "initiated answered completed",
    },
    "an SMTP reply": {
        "550 5.1.1 There is no ",
        " here; there are ",
        "a recipient is outside of the organisation",
        "a recipient's domain looks like a known one, and is another",
        "there are too many recipients",
        "the text names an attachment, and there is none",
        "Taken already",
    },
    "an answer to Slack's own servers": {"too large", "not signed by Slack"},
    "a log line": {
        "Connection lost",
        "Can't be reached",
        "The gateway takes mail",
        "The gateway takes receipts",
        "no such language",
    },
    "a fault of ours: the log tells it, with its traceback": {
        "the part “",
        "” ended by itself",
        " is no verb on an alert",
        "the clock stands at ",
        " and can't go back to ",
        "apprise does not understand the URL",
        "no domain",
        "” is no Message-ID",
        ": the first event is ",
    },
    "a name or a key of Kidoku's inside, or of a library's": {
        "bold red",
        "bold green",
        "bold yellow",
        "make demo",
        "on call:",
        "weekly test",
        "text, verb",
        "web receipts",
        "secure view",
        ":first account",
        "gateway receipts",
        " is out of date: run python -m bot.settings.schema",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA data_version",
        "SELECT txid_current_snapshot()::text",
    },
}
KNOWN = {text: why for why, texts in TEXTS.items() for text in texts}


def why_allowed(one: Literal) -> str:
    """Why it need not be marked; "" if it must be."""
    by_file = next((why for path, why in FILES.items() if one.path.startswith(path)), "")
    by_call = next((CALLS[call] for call in one.calls if call in CALLS), "")
    return by_file or by_call or KNOWN.get(one.text, "")


def test_every_literal_that_people_may_read_is_marked() -> None:
    found = unmarked(ROOT, SOURCES)
    assert [f"{one.path}:{one.line}: {one.text!r}" for one in found if not why_allowed(one)] == []


def test_no_exception_outlives_its_literal() -> None:
    found = list(unmarked(ROOT, SOURCES))
    texts, calls = {one.text for one in found}, {call for one in found for call in one.calls}
    assert KNOWN.keys() - texts == set()
    assert CALLS.keys() - calls == set()
    assert [path for path in FILES if not any(one.path.startswith(path) for one in found)] == []


@pytest.mark.parametrize(
    "line",
    [
        'print("The file is gone")',
        'raise NotOneError(f"there is no person {name}")',
        'say("It is over" if done else words.gettext("It goes on"))',
        '_WHY = {1: "the disk is full"}',
        'print("%s: not found here" % name)',
        'words.gettext("It is over") + "It is not"',
    ],
)
def test_an_unmarked_text_is_found(line: str, tmp_path: Path) -> None:
    assert len(list(found_in(line, tmp_path))) == 1


@pytest.mark.parametrize(
    "line",
    [
        'print(words.gettext("The file is gone"))',
        'raise NotOneError(Phrase("there is no person %(name)s", name=name))',
        'log.warning("The file is gone", path=path)',
        'KEY = "imap:first_account"',
        'def f() -> None:\n    """It does nothing at all."""',
        'option = typer.Option("--at", help="When it leaves.")',
        'assert is_held, "it was not taken back"',
    ],
)
def test_what_is_marked_or_not_for_people_is_let_be(line: str, tmp_path: Path) -> None:
    assert list(found_in(line, tmp_path)) == []


def found_in(line: str, folder: Path) -> Iterator[Literal]:
    (folder / "bot").mkdir()
    (folder / "bot" / "one.py").write_text(line, "utf-8")
    return unmarked(folder, ("bot",))
