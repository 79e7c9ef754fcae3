"""A TCP relay on loopback that adds a fixed delay in each direction: a distant server without one.

``python -m benchmarks.relay LISTEN_PORT TARGET_PORT DELAY_MS`` (one way, so half a round trip).
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def read() -> None:
        # A reset is an end like any other: Ansible's masters go without a farewell.
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                queue.put_nowait((loop.time() + delay, data))
        queue.put_nowait((loop.time() + delay, b""))

    async def write() -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0, due - loop.time()))
                if not data:
                    break
                writer.write(data)
                await writer.drain()
            writer.write_eof()

    await asyncio.gather(read(), write())


async def _serve(listen: int, target: int, delay: float) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", target)
        both = _pump(reader, back, delay), _pump(there, writer, delay)
        await asyncio.gather(*both, return_exceptions=True)
        back.close()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", listen)
    async with server:
        await server.serve_forever()


@contextlib.contextmanager
def relay(listen: int, target: int, round_trip_ms: float) -> Iterator[None]:
    """Run a relay in a process of its own for the length of the block."""
    command = [sys.executable, "-m", "benchmarks.relay", str(listen), str(target), str(round_trip_ms / 2)]
    process = subprocess.Popen(command)
    time.sleep(0.5)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000))
