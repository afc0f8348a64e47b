"""What of a mail's HTML stays, and what goes."""

import pytest

from bot.web.clean import clean_html, clean_text

REL = 'rel="noopener noreferrer nofollow"'
GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@pytest.mark.parametrize("tag", "form button input textarea select option label iframe object embed svg math".split())  # noqa: SIM905
def test_what_could_look_like_ours_goes(tag: str) -> None:
    assert f"<{tag}" not in clean_html(f"<{tag} value=x>said</{tag}>")


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<h1>Works</h1><p>at <b>2</b></p>", "<h1>Works</h1><p>at <b>2</b></p>"),
        ("<script>x</script><style>y</style>said", "said"),
        (f'<img src="{GIF}" alt="x" onload="y">', f'<img src="{GIF}" alt="x">'),
        ('<img src="https://there.example/x.png" alt="x">', '<img alt="x">'),
        ('<img src="data:image/svg+xml;base64,PHN2Zz4=">', "<img>"),
        ('<p style="position:fixed" class="a" id="b">x</p>', "<p>x</p>"),
        ('<td colspan="2" background="https://there.example/">x</td>', "x"),
        ("<!-- said --><!--[if mso]>x<![endif]-->y", "y"),
    ],
)
def test_nothing_runs_and_nothing_is_loaded(html: str, cleaned: str) -> None:
    assert clean_html(html) == cleaned


@pytest.mark.parametrize(
    ("url", "is_kept"),
    [
        ("https://status.example/?a=1&amp;b=2", True),
        ("mailto:noc@carrier.example", True),
        ("tel:+81312345678", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("/v/x", False),
        ("//there.example/", False),
        ("?do=confirm", False),
    ],
)
def test_a_link_leads_to_another_page_or_nowhere(url: str, is_kept: bool) -> None:
    cleaned = clean_html(f'<a href="{url}">x</a>')
    assert (f'href="{url}"' in cleaned) == is_kept
    assert REL in cleaned
    assert 'target="_blank"' in cleaned


def test_addresses_in_plain_text_are_links() -> None:
    cleaned = clean_text('See https://status.example/?a=1&b="2 (now) <b>')
    assert cleaned.startswith('See <a href="https://status.example/?a=1&amp;b=" ')
    assert cleaned.endswith("&#34;2 (now) &lt;b&gt;")


def test_what_is_nested_too_deeply_is_shown_as_words() -> None:
    assert clean_html("<div>" * 600 + "words" + "</div>" * 600) == f"<pre>{' ' * 600}words{' ' * 600}</pre>"
    assert clean_html("<div><p>words<br>" * 100).startswith("<div>")
