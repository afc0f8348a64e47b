"""Who gets a mail, as it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outgoing.addressing import AddressingError, addressed, from_csv, once
from escalation.roster import Person, Roster

ROSTER = Roster(
    people={
        "alice": Person("alice", "Alice 山田", ("alice@example.jp", "a.yamada@example.jp")),
        "bob": Person("bob", "Bob"),
        "carol": Person("carol", "Carol", ("carol@example.jp",)),
    },
    teams={"noc": ("alice", "carol"), "night": ("bob",)},
)


def ids(*texts: str) -> list[tuple[str, str, str]]:
    return [(one.recipient.id, one.recipient.address, one.recipient.name) for one in addressed(texts, ROSTER)]


def test_people_teams_and_addresses() -> None:
    assert ids("alice") == [("alice", "alice@example.jp", "Alice 山田")]
    assert [id for id, _, _ in ids("team:noc")] == ["alice", "carol"]
    assert ids("Kunde <Ops@Partner.example>") == [("ops@partner.example", "ops@partner.example", "Kunde")]
    assert ids("x@y.example, carol@example.jp")[1][0] == "carol"
    assert ids('"Yamada, Taro" <t@partner.example>') == [("t@partner.example", "t@partner.example", "Yamada, Taro")]


def test_nobody_gets_it_twice() -> None:
    assert [id for id, _, _ in ids("alice", "team:noc", "ALICE@example.jp", "a.yamada@example.jp")] == [
        "alice",
        "carol",
    ]


@pytest.mark.parametrize("text", ["bob", "team:night", "team:none", "nobody", "a@b@c", "Alice <>", "x@y z"])
def test_what_is_no_recipient_is_said(text: str) -> None:
    with pytest.raises(AddressingError):
        addressed([text], ROSTER)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_lines_of_a_csv_file(delimiter: str) -> None:
    lines = "名前,メール,回線\n鈴木,suzuki@partner.example,A-1\nアリス,alice@example.jp,B-2\n"
    first, second = from_csv(lines.replace(",", delimiter), "list.csv", ROSTER)
    assert (first.recipient.address, first.recipient.name) == ("suzuki@partner.example", "鈴木")
    assert first.fields["回線"] == "A-1"
    assert second.recipient.id == "alice"


def test_everybody_has_a_name_to_be_filled_in() -> None:
    fields = [one.fields for one in addressed(["alice", "Kunde <ops@partner.example>", "x@y.example"], ROSTER)]
    assert [one["name"] for one in fields] == ["Alice 山田", "Kunde", "x@y.example"]
    assert [one["email"] for one in fields] == ["alice@example.jp", "ops@partner.example", "x@y.example"]
    [one] = from_csv("email,room\nalice@example.jp,A\n", "list.csv", ROSTER)
    assert one.fields == {"name": "Alice 山田", "email": "alice@example.jp", "room": "A"}


def test_a_cell_names_whom_an_option_could_name() -> None:
    rows = from_csv("email,room\nalice,A\nteam:noc,B\nKunde <Ops@Partner.example>,C\n", "list.csv", ROSTER)
    assert [(one.recipient.id, one.fields["name"], one.fields["email"], one.fields["room"]) for one in rows] == [
        ("alice", "Alice 山田", "alice@example.jp", "A"),
        ("carol", "Carol", "carol@example.jp", "B"),
        ("ops@partner.example", "Kunde", "ops@partner.example", "C"),
    ]
    for cell in ("bob", "team:none", "nobody", '" "'):
        with pytest.raises(AddressingError) as caught:
            from_csv(f"email,room\n{cell},A\n", "list.csv", ROSTER)
        assert caught.value.where == "list.csv:2"


def test_who_stands_twice_gets_it_once_with_the_fields_of_the_first_list() -> None:
    rows = from_csv("email,room\na.yamada@example.jp,A\nx@y.example,B\nalice@example.jp,C\n", "list.csv", ROSTER)
    first, second = once([*addressed(["alice", "carol"], ROSTER), *rows])[::2]
    assert (first.recipient.id, first.fields["room"], first.again) == ("alice", "A", ("list.csv:4",))
    assert (second.recipient.id, second.again) == ("x@y.example", ())


@pytest.mark.parametrize("heading", ["name,email", "name,email,"])
def test_cells_below_no_heading_are_refused_unless_they_are_empty(heading: str) -> None:
    lines = f"{heading}\nA,a@b.example,,,\nB,b@b.example,,12, 5\n"
    with pytest.raises(AddressingError, match="5") as caught:
        from_csv(lines, "list.csv", ROSTER)
    assert caught.value.where == "list.csv:3"
    assert "more cells" in caught.value.reason


def test_a_wrong_line_is_named() -> None:
    with pytest.raises(AddressingError) as caught:
        from_csv("name,email\nA,a@b.example\nB,nobody\n", "list.csv", ROSTER)
    assert (caught.value.text, caught.value.where) == ("nobody", "list.csv:3")
    with pytest.raises(AddressingError) as caught:
        from_csv("a,b\n1,2\n", "list.csv", ROSTER)
    assert (caught.value.where, caught.value.text) == ("list.csv:1", "a, b")
    assert str(caught.value.reason).endswith("it has: a, b")


@given(st.text(max_size=60))
def test_any_text_is_a_recipient_or_a_named_error(text: str) -> None:
    try:
        assert all("@" in one.recipient.address for one in addressed([text], ROSTER))
    except AddressingError as error:
        assert error.text is not None


@given(st.text(max_size=200))
def test_any_file_is_read_or_a_named_error(data: str) -> None:
    try:
        from_csv(data, "x.csv", ROSTER)
    except AddressingError as error:
        assert error.where.startswith("x.csv:")
