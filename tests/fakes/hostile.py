"""What strangers may write: pings and markup of every medium, controls, other directions, emoji and half characters;
short, long, and a megabyte of each."""

from collections.abc import Mapping
from types import MappingProxyType

from hypothesis import strategies as st

PINGS = (
    *("<!channel>", "<!here|here>", "<!everyone>", "<@U0ALICE>", "<#C0OPS>", "<!subteam^S1>", "&lt;!channel&gt;"),
    *("@channel", "@everyone", "@here", "@every\u202eone", "@\u200beveryone", "@\x00here", "@all", "＠everyone"),
    *("<@201000000000000000>", "<@!201000000000000000>", "<@&5>", "<#111000000000000000>", "</ack:1>", "<id:guide>"),
    *("<at>x</at>", "<users/all>", "@room", "mailto:a@b.example"),
)
MARKUP = (
    *("*b*", "**b**", "_i_", "~s~", "`c`", "```", "||s||", "> q", "# big", "-# small", "- l", "\\", ":fire:"),
    *("<https://evil.example|x>", "[x](https://evil.example)", "![x](https://evil.example)", "https://evil.example"),
    *("<a:x:201000000000000000>", "<t:0:R>", "{{1}}", "}}}", "&amp;", '"', "'", "=?utf-8?q?x?=", "\r\nBcc: evil@x"),
)
SPEECH = (
    *("</Say>", "<Hangup/>", "<Dial>+1900</Dial>", "<Redirect>https://evil.example</Redirect>", "<break time='9s'/>"),
    *("<speak>", "<audio src='https://evil.example'/>", "<phoneme ph='x'>", "]]>", "<!--", "<?xml?>", "&#0;", "w1W#*"),
)
CONTROLS = (
    "\x00",
    "\x07",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\r\n",
    "\n",
    "\t",
    "\u2028",
    "\u200b",
    "\ufeff",
    "\u00a0",
    "\u3000",
)
DIRECTIONS = ("\u202e", "\u202d", "\u2066", "\u2069", "\u061c", "\u200f", "مرحبا", "שלום", "\u202efdp.exe")
EMOJI = ("😀", "🚨", "👩‍💻", "🇯🇵", "1️⃣", "👍🏽", "𠮷", "か\u3099", "Z͑ͫ̓ͪ̂ͫ̽")
HALVES = ("\ud83d", "\ude00", "\ude00\ud83d")
PIECES = (*PINGS, *MARKUP, *SPEECH, *CONTROLS, *DIRECTIONS, *EMOJI, *HALVES)

TEXT = st.lists(st.one_of(st.text(st.characters(), max_size=40), st.sampled_from(PIECES)), max_size=12).map("".join)
LONG = st.builds(lambda text, times: text * times, TEXT, st.sampled_from([1, 1, 1, 7, 50]))


def _megabyte(piece: str) -> str:
    return piece * (1_000_000 // len(piece))


HUGE: Mapping[str, str] = MappingProxyType(
    {
        "a word": _megabyte("a"),
        "words": _megabyte("disk full "),
        "kanji": _megabyte("障害"),
        "nothing to be seen": _megabyte("\x00\u202e"),
        "blanks": _megabyte(" \n"),
        "half characters": _megabyte("\ud83d"),
    }
    | {
        name: _megabyte("".join(pieces))
        for name, pieces in {
            "pings": PINGS,
            "markup": MARKUP,
            "speech": SPEECH,
            "controls": CONTROLS,
            "directions": DIRECTIONS,
            "emoji": EMOJI,
            "all of it": PIECES,
        }.items()
    }
)
"""A megabyte of each, by what it is."""
