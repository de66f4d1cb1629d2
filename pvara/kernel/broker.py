"""The broker made of files, for one machine without RabbitMQ or Redis: kombu's, with messages that appear whole.

Kombu writes a message under the name by which readers find it, and takes it by moving it to the shared temporary
folder: a reader that is quick enough sees half a message and dies of it; so it is with the table of queues. Here every
step is a rename within the broker's folder. A message lost with its worker is no harm: the outbox sweeps
(`outbox.py`).
"""

import fcntl
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """One folder for both directions; a file is `<nanoseconds>_<unique>.<queue>.msg`."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with (self.control_folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            table = self.get_table(exchange)
            if binding not in table:
                unfinished = self.control_folder / "unfinished"
                unfinished.write_text(dumps([binding, *table]), encoding="utf-8")
                unfinished.rename(self._exchange_file(exchange))

    def _put(self, queue: str, payload: Any, **more: Any) -> None:
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns()}_{uuid.uuid4().hex}"
        unfinished = folder / f"{name}.writing"
        unfinished.write_text(dumps(payload), encoding="utf-8")
        unfinished.rename(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{name}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # another worker was quicker
            content = taken.read_text(encoding="utf-8")
            taken.unlink()
            return loads(content)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel
