"""Publishes COUNT tasks, PREFIX0000 and so on, as fast as it can, with the required fields only."""

import asyncio
import json
import os
import sys

import nats


async def main() -> None:
    prefix, count = sys.argv[1], int(sys.argv[2])
    client = await nats.connect(os.environ["NATS_URL"], allow_reconnect=False, connect_timeout=5)
    for n in range(count):
        task = {"task_id": f"{prefix}{n:04}", "title": f"Task {n}"}
        await client.publish("mjwork.tasks.available", json.dumps(task).encode())
    await client.flush(timeout=20)
    await client.close()


asyncio.run(main())
