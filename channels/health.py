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


class JointHealth:
    """Of a channel that has ``count`` accounts: it is down when none works."""

    def __init__(self, name: str, listener: HealthListener, count: int) -> None:
        self._name = name
        self._listener = listener
        self._count = count
        self._down: dict[str, str] = {}

    def of(self, account: str) -> Health:
        """The part of the account with this SID."""

        def heard(_: str, is_up: bool, detail: str) -> None:
            self._down.pop(account, None)
            if not is_up:
                self._down[account] = detail
            is_any_up = len(self._down) < self._count
            self._listener(self._name, is_any_up, "" if is_any_up else detail)

        return Health(self._name, heard)
