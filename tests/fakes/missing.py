"""What is not on this machine: a real part, or data that stands beside the project."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

SHARED = Path(__file__).parents[2].parent / "shared"
"""Reference data beside the project, which must build and test without it."""


def missing(reason: str) -> NoReturn:
    """Skip the test, saying why; under CI it fails: there a real part is never left out."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def needs_data(file: Path) -> None:
    """Skip the test if this file beside the project is missing, naming it; under CI too, where the project may stand
    alone. But where the folder that holds such data is there, a file that is missing in it is a fault."""
    if file.exists():
        return
    if SHARED.exists():
        missing(f"{file} is missing, although {SHARED} is there")
    pytest.skip(f"{file} is not there: it is no part of the project")
