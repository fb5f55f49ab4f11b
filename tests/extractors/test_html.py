from collections.abc import Callable

import pytest

from scrapers.errors import LayoutError
from scrapers.extractors import extract
from scrapers.model import Draft, HtmlStep, Page
from tests.fakes import SOURCE, Item, page


def read(text: str | bytes, step: HtmlStep | None = None, *, content_type: str = "") -> list[Draft]:
    body = text if isinstance(text, bytes) else text.encode()
    listing = step or SOURCE.listing
    return list(extract(Page(url="https://press.example/list", body=body, content_type=content_type), listing))


def step(**keys: object) -> HtmlStep:
    return HtmlStep.model_validate({"extract": "html", "item": "li", **keys})


def test_items_in_their_order_with_id_board_url_and_the_date_without_its_label() -> None:
    one, two = read(page(Item("7", "First", "Body"), Item("8", "Second", board="1")))
    assert one == Draft(
        id="7", board="2", url="https://press.example/7/view", title="First", body="Body", published="2026-11-02"
    )
    assert (two.id, two.board) == ("8", "1")


def test_the_id_may_stand_in_onclick() -> None:
    text = page(Item("7", "First")).replace('href="javascript:view', 'href="#" onclick="javascript:view')
    assert read(text)[0].id == "7"


def test_a_missing_container_is_a_changed_layout_not_silence() -> None:
    with pytest.raises(LayoutError, match="container 'ul'"):
        read("<html><body><p>We are moving</p></body></html>")


def test_an_item_without_an_id_has_an_empty_one() -> None:
    assert read("<ul><li><a href='/new/scheme/7'><strong>T</strong></a></li></ul>")[0].id == ""


def test_an_id_pattern_without_a_group_is_the_id_itself() -> None:
    listing = step(id={"css": "a", "attributes": ["href"], "pattern": r"\d+"})
    assert read("<ul><li><a href='/x/17'></a></li></ul>", listing)[0].id == "17"


def test_pinned_rows_can_be_skipped() -> None:
    rows = "<ul><li><b class=pin></b><p>old</p></li><li><p>new</p></li></ul>"
    assert [draft.title for draft in read(rows, step(skip=".pin", title={"css": "p"}))] == ["new"]


def test_url_templates_by_board() -> None:
    text = "<ul><li><a href='v(1,2)'></a></li><li><a href='v(3,9)'></a></li></ul>"
    listing = step(
        id={"css": "a", "attributes": ["href"], "pattern": r"v\((?P<id>\d+),(?P<board>\d+)\)"},
        url={"2": "https://x.example/press/{id}", "*": "https://x.example/{board}/{id}"},
    )
    assert [draft.url for draft in read(text, listing)] == ["https://x.example/press/1", "https://x.example/9/3"]


def test_without_a_template_the_items_link_is_resolved() -> None:
    assert read("<ul><li><a href='../a?b=1'>x</a></li></ul>", step())[0].url == "https://press.example/a?b=1"


def test_neighbouring_blocks_do_not_grow_together_and_inline_marks_do_not_part_words() -> None:
    text = "<article><h1>Title</h1><p>Anti-<b>dump</b>ing.</p><p>Second<br>line</p><script>x()</script></article>"
    [draft] = read(text, step(item="article", body={}))
    assert draft.body.split() == ["Title", "Anti-dumping.", "Second", "line"]


@pytest.mark.parametrize(
    ("encoded", "content_type"),
    [
        ("<ul><li><p>관세</p></li></ul>".encode("cp949"), "text/html; charset=EUC-KR"),
        ("<meta charset='euc-kr'><ul><li><p>관세</p></li></ul>".encode("cp949"), "text/html"),
        ("<ul><li><p>관세</p></li></ul>".encode(), "text/html"),
        ("<ul><li><p>관세</p></li></ul>".encode(), "text/html; charset=no-such-thing"),
        ("<ul><li><p>관세</p></li></ul>".encode(), "text/html; charset=undefined"),
        ("<ul><li><p>관세</p></li></ul>".encode("cp949"), "text/html; charset=x-windows-949"),
    ],
)
def test_charsets(encoded: bytes, content_type: str) -> None:
    assert read(encoded, step(title={"css": "p"}), content_type=content_type)[0].title == "관세"


def test_one_wrong_byte_costs_one_letter() -> None:
    body = "<ul><li><p>관세</p></li></ul>".encode("cp949").replace(b"</p>", b"\xff</p>")
    title = read(body, step(title={"css": "p"}), content_type="text/html; charset=euc-kr")[0].title
    assert title.startswith("관세")


def test_a_western_page_means_windows_1252() -> None:
    body = "<ul><li><p>Korea’s — duty</p></li></ul>".encode("cp1252")
    assert (
        read(body, step(title={"css": "p"}), content_type="text/html; charset=iso-8859-1")[0].title == "Korea’s — duty"
    )


@pytest.mark.parametrize(
    "between", ["<hr>", "<header>two</header>", "<figcaption>two</figcaption>", "<button>two</button>"]
)
def test_what_stands_on_its_own_line_does_not_grow_together(between: str) -> None:
    [draft] = read(f"<article>one{between}three</article>", step(item="article", body={}))
    assert draft.body.split()[0] == "one"


def test_a_selector_that_is_not_css_is_named() -> None:
    with pytest.raises(LayoutError, match="not CSS"):
        read("<ul></ul>", step(item="li[["))


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: "<ul>" + "<ol><li>" * 62_500,
        lambda: "<ul><li " + " ".join(f"a{n}=1" for n in range(60_000)) + "></li></ul>",
        lambda: "<ul>" + "<div/>" * 100_000,
        lambda: "<ul><a title='<!--'>" + "<div>" * 50_000,
        lambda: "<ul><!-- x --!>" + "<div>" * 50_000,
        lambda: "<ul><a x=y'>" + "<div>" * 50_000 + "'",
        lambda: "<ul>" + "<div></b>" * 50_000,
        lambda: "<ul><!-->" + "<div>" * 50_000,
        lambda: "<ul><svg><title>" + "<g>" * 50_000,
        lambda: "<ul><svg><style>" + "<g>" * 50_000,
        lambda: "<ul><li " + "\n".join(f"a{n}" for n in range(60_000)) + "></li></ul>",
        lambda: '<ul><div x=">" ' + " ".join(f"a{n}" for n in range(60_000)) + "></div></ul>",
    ],
)
def test_markup_built_to_hold_the_parser_is_refused_unparsed(bomb: Callable[[], str]) -> None:
    with pytest.raises(LayoutError, match="the page was not parsed"):
        read(bomb())


@pytest.mark.parametrize(
    "harmless",
    [
        "<script>" + "if (i<n) i++;" * 2000 + "</script>",
        "<!-- " + "<div>" * 2000 + " -->",
        "<table>" + "<tr><td>a<td>b" * 2000 + "</table>",
        "<p>one<p>two" * 2000,
        "<br>" * 5000,
        "<ul>" + "<li><a href=x><svg><path d='M0'/><use href='#i'/></svg> icon</a>" * 600 + "</ul>",
        "<table>" + "<tr><td><font>x</td>" * 600 + "</table>",
        "<h3><strong>x</h3>" * 600,
        "<p><b>x</p>" * 600,
        "<a name=x>" * 600,
        "<select>" + "<optgroup><option>x" * 600 + "</select>",
        "<svg></svg><script>" + "document.write('<div>');" * 600 + "</script>",
    ],
)
def test_a_long_flat_page_is_no_bomb(harmless: str) -> None:
    assert "7" in [draft.id for draft in read(harmless + page(Item("7", "T")))]


def test_items_inside_items_do_not_make_the_page_grow() -> None:
    nested = "<ul>" + "<li><a href=\"view('1')\">" * 200 + "<p>x</p>" * 2000
    assert len(read(nested, step(item="li", body={}))) >= 1


def test_a_bomb_behind_an_open_script_is_not_parsed_into_a_tree() -> None:
    """An unclosed script swallows the rest of a page: no markup, nothing to hold the parser."""
    with pytest.raises(LayoutError, match="container"):
        read("<script>" + "<div>" * 100_000)
