"""A client of the Model Context Protocol that starts a server and does what it is told, a line of JSON at a time.

    mcp_client.py MODE COMMAND [ARGUMENT ...]

MODE is "auto" or "legacy": how it comes to terms with the server. It reads {"list": true} and {"call": NAME,
"arguments": {...}} (with "timeout": SECONDS it gives the call up) from its standard input, and answers each with a
line. The SDK checks every structured answer against
the schema that the tool has declared.
"""

import asyncio
import json
import os
import sys

from mcp import Client, MCPError, StdioServerParameters


async def lines():
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.loads(line)


def tool(it) -> dict:
    return {
        "name": it.name,
        "description": it.description,
        "input": it.input_schema,
        "output": it.output_schema,
        "reads": it.annotations.read_only_hint,
    }


def result(it) -> dict:
    texts = [block.text for block in it.content]
    return {"error": it.is_error, "texts": texts, "data": it.structured_content}


async def main() -> None:
    mode, command, *arguments = sys.argv[1:]
    environment = {name: value for name, value in os.environ.items() if name.startswith(("NATS_", "MJWORK_", "XDG_"))}
    server = StdioServerParameters(command=command, args=arguments, env=environment)
    async with Client(server, mode=mode) as client:
        hello = {
            "protocol": client.protocol_version,
            "server": client.server_info.name,
            "instructions": client.instructions,
        }
        print(json.dumps(hello), flush=True)
        async for line in lines():
            try:
                if "list" in line:
                    answer = {"tools": [tool(it) for it in (await client.list_tools()).tools]}
                else:
                    patience = line.get("timeout")
                    answer = result(
                        await client.call_tool(line["call"], line["arguments"], read_timeout_seconds=patience)
                    )
            except MCPError as error:
                answer = {"protocol_error": str(error)}
            print(json.dumps(answer), flush=True)


asyncio.run(main())
