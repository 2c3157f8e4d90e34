"""A limit of what is read without the end of a record, so that no file takes the memory of the process."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from include.landing.records import MAX_RECORD_BYTES, FileRejected


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, none at the end."""


class Measured:
    """A stream that counts what is read between two records, and ends where that is too much."""

    def __init__(self, path: Path, stream: Readable) -> None:
        self.path, self.stream, self.bytes = path, stream, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes; raises FileRejected where too many came without the end of a record."""
        block = self.stream.read(size)
        self.bytes += len(block)
        if self.bytes > MAX_RECORD_BYTES:
            raise FileRejected(f"{self.path.name}: {MAX_RECORD_BYTES:,} bytes without the end of a record")
        return block
