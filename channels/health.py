"""Whether a channel works at all."""

from channels.base import HealthListener


class Health:
    """Tells ``listener`` when the channel begins or ceases to work, never twice the same."""

    def __init__(self, name: str, listener: HealthListener) -> None:
        self._name = name
        self._listener = listener
        self._state: tuple[bool, str] | None = None

    def up(self) -> None:
        self._set(True, "")

    def down(self, detail: str) -> None:
        self._set(False, detail)

    def _set(self, is_up: bool, detail: str) -> None:
        if self._state != (is_up, detail):
            self._state = (is_up, detail)
            self._listener(self._name, is_up, detail)
