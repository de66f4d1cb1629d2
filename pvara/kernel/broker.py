"""The broker made of files, for one machine without RabbitMQ or Redis: kombu's, with messages that appear whole.

Kombu writes a message under the name by which readers find it, and takes it by moving it to the shared temporary
folder: a reader that is quick enough sees half a message and dies of it. Here both are a rename within the broker's
folder. Kombu's table of who reads what is a file as well, and a message sent before it is written is dropped; here a
message goes to the queue of its own name. What is lost with a worker is no harm: the outbox sweeps (`outbox.py`).
"""

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

    # Nothing is sent to all workers: remote control is switched off in the settings of this broker.
    supports_fanout = False

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for folder in (self.data_folder_in, self.data_folder_out):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        return [routing_key]

    # Kombu's own two classes above this one disagree on what the second parameter is called.
    def _put(self, queue: str, payload: Any, **more: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns()}_{uuid.uuid4().hex}"
        unfinished = folder / f"{name}.writing"
        unfinished.write_text(dumps(payload), encoding="utf-8")
        unfinished.rename(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
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
