"""How much memory the idle service takes, with the shipped sources and a chat channel."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import show
from bot.demo.site import Site, items, serve
from bot.starting import starter_rules

GOAL_MB = 120
SETTLE_SECONDS = 8.0
CONFIG = """
rules = "{rules}"
[fetch]
contact = "bench@example.org"
host_seconds = 0.0
[sources]
enabled = ["kr/*", "us/*"]
folders = ["sources"]
[channels.me]
url = "json://127.0.0.1:9/nobody-listens"
"""


def main() -> None:
    """Start `tocsin run` on a copy of the shipped sources pointed at a local site, wait, read VmRSS."""
    server = serve(Site(published=items()))
    with tempfile.TemporaryDirectory() as folder:
        config = _write(Path(folder), f"http://127.0.0.1:{server.server_port}")
        with subprocess.Popen(
            [sys.executable, "-m", "bot", "--config", str(config), "run"], stderr=subprocess.DEVNULL
        ) as service:
            time.sleep(SETTLE_SECONDS)
            value = _resident_mb(service.pid)
            os.kill(service.pid, signal.SIGTERM)
    server.shutdown()
    show("idle tocsin run, resident", value, "MB", goal=f"at most {GOAL_MB} MB", met=value <= GOAL_MB)


def _write(folder: Path, url: str) -> Path:
    """A config whose sources are the shipped ones, moved to the local site."""
    import scrapers

    shipped = Path(scrapers.__file__).parent / "sources"
    for file in shipped.rglob("*.toml"):
        text = file.read_text(encoding="utf-8").replace("https://english.motir.go.kr", url)
        text = text.replace("https://www.federalregister.gov", url).replace(
            'hosts = ["english.motir.go.kr"]', 'hosts = ["127.0.0.1"]'
        )
        target = folder / "sources" / file.relative_to(shipped)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(
            text.replace('hosts = ["www.federalregister.gov"]', 'hosts = ["127.0.0.1"]'), encoding="utf-8"
        )
    config = folder / "config.toml"
    config.write_text(CONFIG.format(rules=starter_rules()), encoding="utf-8")
    return config


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
