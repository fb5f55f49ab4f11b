"""Fixtures for all tests; sockets may reach this machine only."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from bot.adapters.database import Database

hypothesis.settings.register_profile("full", max_examples=5000, deadline=None)
hypothesis.settings.register_profile("usual", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("full" if os.environ.get("TOCSIN_PROOF") == "full" else "usual")
SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "tocsin.db")
    yield opened
    opened.close()


@pytest.fixture
def samples() -> Path:
    """The folder of real payloads; the test is skipped, and says so, where it is not at hand."""
    if not SAMPLES.is_dir():
        pytest.skip(f"the real samples are not at hand ({SAMPLES})")
    return SAMPLES
