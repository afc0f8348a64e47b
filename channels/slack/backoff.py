"""How long to wait before the next try."""

import random

LONGEST = 60.0


def wait_after(failures: int) -> float:
    """Seconds: at once after the first failure, then 2, 4, 8 … up to a minute, with jitter so that nodes part."""
    if failures <= 1:
        return 0.0
    wait: float = min(LONGEST, 2.0 ** min(failures - 1, 10))
    return wait * random.uniform(0.67, 1.0)  # noqa: S311 - jitter, no secret
