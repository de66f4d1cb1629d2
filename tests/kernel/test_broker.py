"""The broker made of files: each message is read once and whole, however many read and write."""

from concurrent.futures import ThreadPoolExecutor
from queue import Empty
from threading import Event

from kombu import Connection

from pvara.kernel.broker import Transport

WRITERS, READERS, EACH = 3, 3, 60


def test_each_message_is_read_once_and_whole(tmp_path):
    folder = tmp_path / "not" / "there yet"
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder)}
    written = Event()

    def connected() -> Connection:
        return Connection(transport=Transport, transport_options={**options, "polling_interval": 0})

    def write(writer: int) -> None:
        with connected() as connection, connection.SimpleQueue("jobs") as queue:
            for number in range(EACH):
                queue.put({"number": writer * EACH + number, "padding": "x" * 20_000})

    def read(_: int) -> list[int]:
        found = []
        with connected() as connection, connection.SimpleQueue("jobs") as queue:
            while True:
                finished = written.is_set()
                try:
                    message = queue.get_nowait()
                except Empty:
                    if finished:
                        return found
                    continue
                assert len(message.payload["padding"]) == 20_000
                found.append(message.payload["number"])
                message.ack()

    with ThreadPoolExecutor(WRITERS + READERS) as pool:
        readers = [pool.submit(read, reader) for reader in range(READERS)]
        for writer in [pool.submit(write, writer) for writer in range(WRITERS)]:
            writer.result()
        written.set()
        taken = sorted(number for reader in readers for number in reader.result())
    assert taken == list(range(WRITERS * EACH))
    assert list(folder.iterdir()) == []
