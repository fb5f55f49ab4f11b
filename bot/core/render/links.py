"""Links to releases: to the web only, with the host to which they lead in plain sight."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

LONGEST = 2000
"""Characters; what is longer is no address that people open."""
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\]")
_KEPT = "/?#%:@!$&'()*+,;=~-._"
"""What may stand in a path, query or fragment as it is (RFC 3986, 3.3 to 3.5)."""
_READ_BY_CHATS = re.compile(r"[@*~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Link:
    """An address that is safe to follow as far as it can be seen."""

    url: str
    host: str
    """As it is asked for: letters of other scripts as `xn--…`."""

    @property
    def in_chat(self) -> str:
        """The address with the signs percent-encoded that a chat reads as markup or as a call."""
        start = self.url.index(self.host) + len(self.host)
        return self.url[:start] + _READ_BY_CHATS.sub(lambda found: f"%{ord(found[0]):02X}", self.url[start:])


def web_link(url: str) -> Link | None:
    """The link, None if `url` is none to the web, or one that could deceive: with userinfo, backslashes, blanks."""
    url = url.strip()
    if len(url) > LONGEST or "\\" in url or any(c.isspace() or not c.isprintable() for c in url):
        return None
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:  # brackets, a port that is no number, a name that no server can have
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    authority = f"{host}:{port}" if port else host
    rest = url[url.index("//") + 2 + len(parts.netloc) :]
    return Link(url=f"{parts.scheme}://{authority}{quote(rest, safe=_KEPT, errors='replace')}", host=host)


def _ascii(host: str) -> str:
    name = host if host.isascii() else host.encode("idna").decode("ascii")
    return f"[{name}]" if ":" in name else name
