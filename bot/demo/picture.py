"""Draws the demo as an SVG, from what it really prints: ``python -m bot.demo.picture docs/demo.svg [ja]``."""

import asyncio
import io
import re
import sys
from pathlib import Path

from rich.console import Console

from bot.demo.command import play
from bot.logs import LogFormat, set_up

SPEED = 120


def main(path: Path, language: str) -> int:
    set_up(LogFormat.QUIET)
    console = Console(file=io.StringIO(), record=True, width=84, force_terminal=True, highlight=False)
    code = asyncio.run(play(language, SPEED, console))
    # A picture in a repository loads nothing from elsewhere: fonts are the reader's own.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="make demo"), flags=re.DOTALL)
    path.write_text(picture, "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "en"))
