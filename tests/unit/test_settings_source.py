"""The YAML file as a tree with lines: what it means, and every fault of its writing."""

from pathlib import Path

import pytest

from bot.settings.source import parse, read


def problems(text: bytes) -> list[str]:
    return [str(problem) for problem in parse(text, "f.yaml")[1]]


def plain(text: bytes) -> object:
    root, found = parse(text, "f.yaml")
    assert root is not None
    assert found == []
    return root.plain()


def test_values_are_yaml_1_2() -> None:
    text = b"a: {n: 1_000, f: 1e3, t: true, off: off, none: , d: 2026-05-04, time: 09:00, hex: 0x1F}"
    assert plain(text) == {
        "a": {
            "n": 1000,
            "f": 1000.0,
            "t": True,
            "off": "off",
            "none": None,
            "d": "2026-05-04",
            "time": "09:00",
            "hex": "0x1F",
        }
    }


def test_a_phone_number_without_quotes_keeps_its_plus_and_zeros() -> None:
    assert plain(b"a: +819012345678\nb: 012\nc: 0\nd: -5") == {"a": "+819012345678", "b": "012", "c": 0, "d": -5}


def test_anchors_and_merge_keys() -> None:
    text = b"x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y], c: 3}\nw: *x"
    assert plain(text) == {
        "x": {"a": 1, "b": 1},
        "y": {"b": 2, "c": 2},
        "z": {"a": 1, "b": 1, "c": 3},
        "w": {"a": 1, "b": 1},
    }


def test_places_have_lines() -> None:
    root, _ = parse(b"a:\n  - b: 1\n  - b:\n      2\n", "f.yaml")
    assert root is not None
    node, rest = root.deepest(("a", 1, "b"))
    assert (node.line, node.key_line, node.path, rest) == (4, 3, ("a", 1, "b"), ())
    node, rest = root.deepest(("a", 7, "b"))
    assert (node.line, rest) == (2, (7, "b"))


def test_pruning_keeps_the_places_of_the_others() -> None:
    root, _ = parse(b"a: [x, y, z]", "f.yaml")
    assert root is not None
    assert root.prune(("a", 0))
    assert not root.prune(("a", 9))
    assert not root.prune(())
    assert root.plain() == {"a": ["y", "z"]}
    assert root.deepest(("a", 0))[0].path == ("a", 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "f.yaml:1: the file is empty; start from config/minimal.yaml"),
        (b"# nothing\n", "f.yaml:1: the file is empty; start from config/minimal.yaml"),
        (b"\n- a\n", "f.yaml:2: this is no mapping of keys; start from config/minimal.yaml"),
        (b"a: 1\nb: \xe9\n", "f.yaml:2: this line is not UTF-8; save the file in the encoding UTF-8"),
        (b"a:\n\t- b\n", "f.yaml:2: a tab stands in the indentation; write spaces"),
        (b"a: !secret x\n", "f.yaml:1: a: the YAML tag !secret is not allowed; leave the tag out"),
        (b"a: &a [*a]\n", "f.yaml:1: a[0]: an alias makes this endless; write it out"),
        (b"a: {<<: 1}\n", "f.yaml:1: a: << must name a mapping; write <<: *name of a mapping"),
        (b"? [a]\n: 1\n", "f.yaml:1: a key is a list or a mapping; write a word as the key"),
        (b"to: [#ops]\n", 'f.yaml:1: what follows # is a comment; write a room in quotes: "#ops"'),
        (b"[" * 5000, "f.yaml: this is not YAML: nested too deeply; start from config/minimal.yaml"),
    ],
)
def test_faults(text: bytes, said: str) -> None:
    assert problems(text) == [said]


@pytest.mark.parametrize(
    ("text", "place", "fix"),
    [
        (b"a: 1\nb: c: d\n", "f.yaml:2: ", "look at the indentation, colons and quotes here and in the line above"),
        (b"a: *nope\n", "f.yaml:1: ", "look at the indentation, colons and quotes here and in the line above"),
        (b"a: 1\n---\nb: 2\n", "f.yaml:2: ", "look at the indentation, colons and quotes here and in the line above"),
        (b"a: \x00\n", "f.yaml: ", "start from config/minimal.yaml"),
    ],
)
def test_what_is_not_yaml(text: bytes, place: str, fix: str) -> None:
    (said,) = problems(text)
    assert said.startswith(place + "this is not YAML: ")
    assert said.endswith("; " + fix)


def test_every_duplicate_key_is_told() -> None:
    assert problems(b"a: 1\nb: {c: 1,\n  c: 2}\na: 3\na: 4\n") == [
        "f.yaml:3: b.c: the key is written twice (first in line 2); keep one of the two",
        "f.yaml:4: a: the key is written twice (first in line 1); keep one of the two",
        "f.yaml:5: a: the key is written twice (first in line 1); keep one of the two",
    ]


def test_every_tab_is_told() -> None:
    assert [said.split(":")[1] for said in problems(b"a:\n\tb: 1\n  \tc: 1\n")] == ["2", "3"]


def test_aliases_that_multiply_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    _, found = parse("\n".join(lines).encode(), "f.yaml")
    assert found[0].message == "an alias makes this endless"
    assert len(found) < 1000


def test_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    root, found = read(tmp_path / "no.yaml", "no.yaml")
    assert root is None
    assert [str(problem) for problem in found] == [
        "no.yaml: can't read the file: no such file or directory; give another with --config FILE"
    ]
    assert "can't read the file: is a directory" in str(read(tmp_path, "dir")[1][0])


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    root, found = read(path, "a.yaml")
    assert root is not None
    assert (root.plain(), found) == ({"a": 1, "b": 2}, [])


def test_half_a_character_is_read_as_a_question_mark() -> None:
    root, problems = parse(b'language: "\\ud800"\n', "half.yaml")
    assert root is not None
    assert (root.plain(), problems) == ({"language": "?"}, [])
