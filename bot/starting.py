"""What a new user starts from: a short config, the starter rules, and schemas for editors."""

import shutil
from pathlib import Path

import bot

_PACKAGED = Path(bot.__file__).parent / "starter"
_CHECKOUT = Path(bot.__file__).parent.parent

_CONFIG = """\
#:schema ./schemas/config.schema.json
# Tocsin's settings. All there are, with their defaults: schemas/config.example.toml.

[fetch]
contact = "{contact}" # your mail or web address, so that a host can reach you before it blocks you

[sources]
enabled = ["kr/*", "us/*"] # `tocsin sources` lists what there is

[channels.me] # the starter rules tell this channel
url = "terminal://" # this screen. For mail or chat write an apprise URL here, or keep it out of this file:
# url_env = "TOCSIN_ME_URL"    # an environment variable with, for example,
#                              # mailtos://user:password@mail.example.org?from=tocsin@example.org&to=you@example.org
# cadence = "daily 08:30"      # all of a day in one message; without it, at once. hourly and weekly mon 08:30 work, too
# quiet = "22:00-07:00"        # nothing is sent in these hours; it comes afterwards
# timezone = "Asia/Seoul"      # of cadence and quiet

# [operator]
# channel = "me" # hears once of each trouble with sources and channels, and once that it is over
"""


def starter_rules() -> Path:
    """The folder of the starter rules, in the installed package or in a checkout."""
    return _root() / "rules"


def write_starter(folder: Path, *, contact: str) -> list[Path]:
    """Write the starter into `folder`; what was written. Raises FileExistsError before it would overwrite anything."""
    config, rules, schemas = folder / "config.toml", folder / "rules", folder / "schemas"
    for path in (config, rules, schemas):
        if path.exists():
            raise FileExistsError(path)
    folder.mkdir(parents=True, exist_ok=True)
    config.write_text(_CONFIG.format(contact=_quoted(contact)), encoding="utf-8")
    shutil.copytree(starter_rules(), rules)
    shutil.copytree(_root() / ("schemas" if _PACKAGED.is_dir() else "docs/schemas"), schemas)
    shutil.copyfile(_root() / "config.example.toml", schemas / "config.example.toml")
    return [config, rules, schemas]


def _root() -> Path:
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


def _quoted(text: str) -> str:
    """`text` as it may stand between the quotes of a TOML string."""
    return "".join(c for c in text if c.isprintable()).replace("\\", "\\\\").replace('"', '\\"')
