"""A mail server that takes its time for each mail, as one across a network does; runs in a process of its own.

Nothing waits here for anything: the time is the server's answer, and what is measured is who keeps up with it.
"""

import asyncio
import sys
from typing import Any

from aiosmtpd.smtp import SMTP


class Paced:
    """Answers the end of each mail after ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        loop.call_later(self.seconds, answer.set_result, "250 2.0.0 Ok")
        return str(await answer)


async def main(seconds: float) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Paced(seconds), hostname="paced.example", loop=asyncio.get_running_loop()), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
