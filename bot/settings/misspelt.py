"""Misspelt sections: told once, then read as what they were meant to be, so that nothing else seems to be missing."""

from difflib import get_close_matches

from bot.settings import tree
from bot.settings.model import Document
from bot.settings.problem import Problem
from bot.settings.shape import located
from bot.settings.source import Node
from bot.settings.wording import unknown_key
from escalation.phrase import Phrase


def mend(root: Node) -> list[Problem]:
    """Give each misspelt section of the file its name; what was wrong. A file without any section is told once."""
    known = tree.fields(Document)
    problems: list[Problem] = []
    for key in [key for key in root.value if key not in known]:
        missing = [name for name in known if name not in root.value]
        near = get_close_matches(key.casefold(), missing, n=1, cutoff=0.6)
        if near:
            problems += located(root, [unknown_key((key,))])
            root.value[near[0]] = root.value.pop(key)
    return problems


def is_none_of_ours(root: Node) -> bool:
    """Whether the file has keys, and not one that Kidoku knows."""
    return bool(root.value) and not any(key in root.value for key in tree.fields(Document))


NOT_OURS = Phrase("this is no configuration of Kidoku: it knows none of the keys")
