"""Draws docs/demo.svg: what `tocsin demo` shows, as a picture for the README."""

import io
import re
from pathlib import Path

from rich.console import Console

from bot.demo.show import demo

TARGET = Path(__file__).parent.parent / "docs" / "demo.svg"


def main() -> None:
    """Run the demo on a recording screen and save the picture."""
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True, highlight=False)
    if not demo(console):
        raise SystemExit("the demo did not come to its end")
    drawn = console.export_svg(title="tocsin demo")
    # No fonts and no marks from elsewhere: the reader's own monospace font will do.
    own = re.sub(r"@font-face\s*{[^}]*}", "", re.sub(r"<!--.*?-->", "", drawn, flags=re.DOTALL))
    TARGET.write_text(own, encoding="utf-8")


if __name__ == "__main__":
    main()
