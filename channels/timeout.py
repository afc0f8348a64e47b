"""How long a provider may take to answer, as the settings say it."""

from collections.abc import Callable
from datetime import timedelta

from escalation.phrase import Phrase, advice


def at_most(most: timedelta, fix: Phrase) -> Callable[[timedelta], timedelta]:
    """A check that it is a second at least, and this at most: else it raises ValueError with the fix."""

    def checked(span: timedelta) -> timedelta:
        if not timedelta(seconds=1) <= span <= most:
            form = Phrase("%(seconds)s s is no time to wait for an answer", seconds=f"{span.total_seconds():g}")
            raise ValueError(advice(form, fix))
        return span

    return checked
