"""``make bench``: runs every measurement in a process of its own, and prints one table."""

import json
import subprocess
import sys

from rich.console import Console
from rich.table import Table

PARTS = ("burst", "duty", "failover", "lateness", "start", "idle", "mailboxes", "pixels", "receipts", "recipients")


def main() -> int:
    console = Console()
    table = Table(title="Kidoku, measured on this machine now", title_justify="left")
    for heading in ("what", "figure", "beside", "target", ""):
        table.add_column(heading, overflow="fold")
    is_good = True
    for part in PARTS:
        console.print(f"measuring: {part} …", style="dim")
        run = subprocess.run([sys.executable, "-m", f"tests.bench.{part}"], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            console.print(run.stderr[-3000:], markup=False)
            is_good = False
        for line in run.stdout.splitlines():
            if line.startswith("{"):
                one = json.loads(line)
                mark = {True: "met", False: "MISSED", None: ""}[one["is_met"]]
                table.add_row(one["what"], one["figure"], one["beside"], one["target"], mark)
    console.print(table)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
