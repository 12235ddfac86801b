"""Publishes bodies as they stand, in order: SUBJECT BODY [SUBJECT BODY ...].

A body that starts with "hex:" is given in hexadecimal, one that starts with "x*" is that many bytes of the letter x.
Prints, for each, the time in milliseconds since 1970 just before it was sent.
"""

import asyncio
import os
import sys
import time

import nats


def body(text: str) -> bytes:
    if text.startswith("hex:"):
        return bytes.fromhex(text[4:])
    if text.startswith("x*"):
        return b"x" * int(text[2:])
    return text.encode()


async def main() -> None:
    client = await nats.connect(os.environ["NATS_URL"], allow_reconnect=False, connect_timeout=5)
    for subject, text in zip(sys.argv[1::2], sys.argv[2::2]):
        data = body(text)
        print(time.time() * 1000)
        await client.publish(subject, data)
        await client.flush(timeout=5)
    await client.close()


asyncio.run(main())
