"""A file beside the database, given up when the disk is full, so that what was sent can still be marked as sent."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

SIZE = 1_000_000
"""Bytes: room for hundreds of marks."""


class Ballast:
    """A file of real bytes: a hole, or what a file system can pack, would give nothing back."""

    def __init__(self, path: Path, size: int = SIZE) -> None:
        self._path, self._size = path, size

    def keep(self) -> bool:
        """True if the ballast is there; it is written if at least twice its size stays free. Never raises."""
        try:
            if self._is_whole():
                return True
            self._path.unlink(missing_ok=True)  # part of one: of a process that died, or of another size
            if shutil.disk_usage(self._path.parent).free < 3 * self._size:
                return False
            self._write()
        except OSError:
            self.give_up()
            return False
        return True

    def give_up(self) -> bool:
        """Free the room; True if there was some to free. Never raises."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def _is_whole(self) -> bool:
        with suppress(FileNotFoundError):
            return self._path.stat().st_size == self._size
        return False

    def _write(self) -> None:
        with self._path.open("xb") as file:
            file.write(os.urandom(self._size))
            file.flush()
            os.fsync(file.fileno())  # else the room would only be promised
