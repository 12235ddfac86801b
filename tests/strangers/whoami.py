"""Asks the server who it takes this client for, and prints the answer."""

import asyncio
import os

import nats


async def main() -> None:
    client = await nats.connect(os.environ["NATS_URL"], allow_reconnect=False, connect_timeout=5)
    answer = await client.request("$SYS.REQ.USER.INFO", b"", timeout=5)
    print(answer.data.decode())
    await client.close()


asyncio.run(main())
