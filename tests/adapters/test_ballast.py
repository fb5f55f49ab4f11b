import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.adapters.database.ballast import Ballast

SIZE = 100_000


@pytest.fixture
def ballast(tmp_path: Path) -> Ballast:
    return Ballast(tmp_path / "ballast", SIZE)


def free(monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=many))


def test_it_takes_up_real_room(ballast: Ballast, tmp_path: Path) -> None:
    assert ballast.keep()
    found = (tmp_path / "ballast").stat()
    assert found.st_size == SIZE
    assert found.st_blocks * 512 >= SIZE, "a file with holes frees nothing"
    assert len(set((tmp_path / "ballast").read_bytes())) == 256, "bytes that a file system could pack free little"


def test_it_is_written_once(ballast: Ballast, tmp_path: Path) -> None:
    assert ballast.keep()
    before = (tmp_path / "ballast").read_bytes()
    assert ballast.keep()
    assert (tmp_path / "ballast").read_bytes() == before


def test_it_is_given_up_once(ballast: Ballast, tmp_path: Path) -> None:
    ballast.keep()
    assert [ballast.give_up(), ballast.give_up()] == [True, False]
    assert not (tmp_path / "ballast").exists()
    assert ballast.keep(), "it comes back when there is room again"


@pytest.mark.parametrize("room", [0, SIZE, 3 * SIZE - 1])
def test_it_is_not_written_where_room_is_short(
    ballast: Ballast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    free(monkeypatch, room)
    assert not ballast.keep()
    assert not (tmp_path / "ballast").exists()


def test_twice_its_size_stays_free(ballast: Ballast, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 3 * SIZE)
    assert ballast.keep()


def test_what_is_there_is_kept_where_room_is_short(ballast: Ballast, monkeypatch: pytest.MonkeyPatch) -> None:
    ballast.keep()
    free(monkeypatch, 0)
    assert ballast.keep()


def test_part_of_one_is_written_anew(ballast: Ballast, tmp_path: Path) -> None:
    (tmp_path / "ballast").write_bytes(b"x" * 10)
    assert ballast.keep()
    assert (tmp_path / "ballast").stat().st_size == SIZE


def test_a_disk_that_fills_while_it_is_written_is_left_free(
    ballast: Ballast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert not ballast.keep()
    assert not (tmp_path / "ballast").exists()


def test_nothing_is_raised_where_nothing_can_be_written(tmp_path: Path) -> None:
    nowhere = Ballast(tmp_path / "none" / "ballast", SIZE)
    assert [nowhere.keep(), nowhere.give_up()] == [False, False]
    (tmp_path / "folder").mkdir()
    folder = Ballast(tmp_path / "folder", SIZE)
    assert [folder.keep(), folder.give_up()] == [False, False]
