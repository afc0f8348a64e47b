"""A Slack message or Home tab as an SVG: what its blocks look like, near enough. The same blocks, the same picture."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.wrapping import columns, wrapped

WIDTH = 720
MARGIN = 20
EM = 7.6
"""Width of one column of text, in pixels, at the size of a body; two for a sign of East Asia."""
LINE = 20
_FONT = "-apple-system,'Segoe UI','Hiragino Sans','Noto Sans CJK JP','Noto Sans CJK SC','PingFang SC',sans-serif"


@dataclass
class _Sheet:
    """What is drawn so far, and how far down it reaches."""

    y: float = MARGIN
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, text: str, *, size: int = 14, style: str = "") -> None:
        attributes = f'x="{x:g}" y="{self.y + size:g}" font-size="{size}"'
        self.parts.append(f"<text {attributes}{style}>{html.escape(text)}</text>")

    def button(self, x: float, label: str, *, is_primary: bool) -> float:
        """Returns its width."""
        width = round(columns(label) * EM + 24)
        fill, ink = ("#007a5a", "#ffffff") if is_primary else ("#ffffff", "#1d1c1d")
        box = f'x="{x:g}" y="{self.y:g}" width="{width}" height="28" rx="5"'
        self.parts.append(f'<rect {box} fill="{fill}" stroke="#bbbbbb"/>')
        label_at = f'x="{x + width / 2:g}" y="{self.y + 19:g}" text-anchor="middle" font-size="13"'
        self.parts.append(f'<text {label_at} font-weight="600" fill="{ink}">{html.escape(label)}</text>')
        return width


def picture_of(blocks: Sequence[dict[str, Any]]) -> str:
    """The SVG document."""
    sheet = _Sheet()
    for block in blocks:
        _DRAWN[block["type"]](sheet, block)
    size = f'width="{WIDTH}" height="{round(sheet.y + MARGIN / 2)}"'
    box = f"0 0 {WIDTH} {round(sheet.y + MARGIN / 2)}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {size}>',
            f'<rect {size} rx="8" fill="#ffffff" stroke="#dddddd"/>',
            f'<g font-family="{_FONT}" fill="#1d1c1d">',
            *sheet.parts,
            "</g>",
            "</svg>\n",
        ]
    )


def _lines(text: str, width: float, em: float = EM) -> Iterator[str]:
    for line in text.split("\n"):
        yield from wrapped(line, int(width / em))


def _paragraph(sheet: _Sheet, x: float, text: str, width: float) -> None:
    for line in _lines(text, width):
        sheet.text(x, line)
        sheet.y += LINE


def _header(sheet: _Sheet, block: dict[str, Any]) -> None:
    sheet.y += 4
    for line in _lines(block["text"]["text"], WIDTH - 2 * MARGIN, EM * 1.25):
        sheet.text(MARGIN, line, size=18, style=' font-weight="700"')
        sheet.y += LINE + 5
    sheet.y += 4


def _section(sheet: _Sheet, block: dict[str, Any]) -> None:
    if "text" in block:
        _said(sheet, block)
    fields = [one["text"] for one in block.get("fields", ())]
    for pair in (fields[at : at + 2] for at in range(0, len(fields), 2)):
        top, bottom, half = sheet.y, sheet.y, WIDTH / 2 - MARGIN
        for number, text in enumerate(pair):
            sheet.y = top
            _paragraph(sheet, MARGIN + number * half, text, half - 10)
            bottom = max(bottom, sheet.y)
        sheet.y = bottom + 6
    sheet.y += 4


def _said(sheet: _Sheet, block: dict[str, Any]) -> None:
    """Its text, with a button at the right where it has one."""
    top, room = sheet.y, float(WIDTH - 2 * MARGIN)
    if "accessory" in block:
        label = block["accessory"]["text"]["text"]
        width = round(columns(label) * EM + 24)
        sheet.button(WIDTH - MARGIN - width, label, is_primary=block["accessory"].get("style") == "primary")
        room -= width + 16
    _paragraph(sheet, MARGIN, block["text"]["text"], room)
    sheet.y = max(sheet.y, top + (34 if "accessory" in block else 0))


def _actions(sheet: _Sheet, block: dict[str, Any]) -> None:
    x = float(MARGIN)
    for one in block["elements"]:
        label = one["text"]["text"] if "text" in one else "⋯"
        if x + columns(label) * EM + 24 > WIDTH - MARGIN:
            x, sheet.y = float(MARGIN), sheet.y + 34
        x += sheet.button(x, label, is_primary=one.get("style") == "primary") + 8
    sheet.y += 38


def _context(sheet: _Sheet, block: dict[str, Any]) -> None:
    for line in _lines(" ".join(one["text"] for one in block["elements"]), WIDTH - 2 * MARGIN, EM * 0.9):
        sheet.text(MARGIN, line, size=12, style=' fill="#616061"')
        sheet.y += LINE - 2
    sheet.y += 4


def _divider(sheet: _Sheet, block: dict[str, Any]) -> None:
    sheet.parts.append(f'<path d="M{MARGIN} {sheet.y + 4:g}H{WIDTH - MARGIN}" stroke="#dddddd"/>')
    sheet.y += 12


def _input(sheet: _Sheet, block: dict[str, Any]) -> None:
    sheet.text(MARGIN, block["label"]["text"], style=' font-weight="600"')
    sheet.y += LINE + 4
    box = f'x="{MARGIN}" y="{sheet.y:g}" width="{WIDTH - 2 * MARGIN}" height="32" rx="5"'
    sheet.parts.append(f'<rect {box} fill="#ffffff" stroke="#bbbbbb"/>')
    sheet.y += 38
    if "hint" in block:
        sheet.text(MARGIN, block["hint"]["text"], size=12, style=' fill="#616061"')
        sheet.y += LINE


_DRAWN = {
    "header": _header,
    "section": _section,
    "actions": _actions,
    "context": _context,
    "divider": _divider,
    "input": _input,
}
