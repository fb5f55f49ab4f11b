"""Writes docs/schemas from the models, for editors that complete and check TOML."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.settings import RuleFile, Settings, TermsFile
from scrapers.model import Source

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"
MODELS: dict[str, tuple[type[BaseModel], str]] = {
    "config": (Settings, "Tocsin: config.toml"),
    "rules": (RuleFile, "Tocsin: a file of rules"),
    "terms": (TermsFile, "Tocsin: terms.toml, lists of words for rules"),
    "source": (Source, "Tocsin: a source file"),
}


def schema(name: str) -> str:
    """The JSON Schema of one kind of file, as it stands in docs/schemas."""
    model, title = MODELS[name]
    made = model.model_json_schema()
    if model is Source:  # its id is its path
        made["properties"].pop("id")
        made["required"].remove("id")
    described: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": title}
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in MODELS:
        (FOLDER / f"{name}.schema.json").write_text(schema(name), encoding="utf-8")


if __name__ == "__main__":
    main()
