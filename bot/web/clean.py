"""What a confidential mail says, made fit to be shown in a page of ours: nothing runs, nothing is loaded.

HTML passes an allow-list (nh3, which is Ammonia). Pictures stay only if the mail itself holds them (``data:``), in
formats that can hold no script. What is left can't look like our buttons: no form, no style, no class, no id.
"""

import re

import nh3
from markupsafe import Markup, escape

MOST_URL = 2_000
DEEPEST = 500
"""Elements in one another. Cleaning takes the square of the depth: 200,000 would hold the bot up for a minute."""
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr", "p", "li"}
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ANY_TAG = re.compile(r"<[^<>]*>")
_TAGS = (nh3.ALLOWED_TAGS | {"font", "tfoot"}) - {"area", "map"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "ol": {"start"},
    "*": {"dir", "lang"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "data"}
_LINK = re.compile(r"(https?://|mailto:|tel:)", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s<>\"'「」（）()。、，]+", re.IGNORECASE)


def whole(text: str) -> str:
    """The text without half characters, which can't be sent."""
    return text.encode("utf-8", "replace").decode()


def clean_html(html: str) -> Markup:
    """The body of a mail's HTML, for our page; only its words if it is nested too deeply."""
    html = whole(html)
    if _depth(html) > DEEPEST:
        return Markup("<pre>{}</pre>").format(clean_text(_ANY_TAG.sub(" ", html)))
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return Markup(cleaned)  # noqa: S704 - nh3 has cleaned it


def _depth(html: str) -> int:
    """How many elements are open at once, at most; those that need no end are left out."""
    depth = deepest = 0
    for end, name in _TAG.findall(html):
        if name.lower() not in _VOID:
            depth = max(0, depth - 1) if end else depth + 1
            deepest = max(deepest, depth)
    return deepest


def clean_text(text: str) -> Markup:
    """Plain text, for a ``<pre>`` of our page, its web addresses as links."""
    parts: list[Markup] = []
    end = 0
    for found in _WEB.finditer(text):
        url = escape(found.group())
        link = Markup('<a href="{0}" rel="noopener noreferrer nofollow" target="_blank">{0}</a>').format(url)
        parts += [escape(text[end : found.start()]), link]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _kept(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if name == "href":
        return value if len(value) <= MOST_URL and _LINK.match(value) else None
    return value
