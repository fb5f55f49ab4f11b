"""Which release a link means: one form for every spelling of a URL, and the id inside it."""

import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

from scrapers.model import HtmlStep, Source

# Parameters that say how a reader came, or hold nothing; never what is read.
_TRACKING = re.compile(r"^(utm_\w+|wgt_ref|fbclid|gclid|jsessionid)$", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


def canonical_url(url: str, source: Source | None = None) -> str:
    """One spelling of `url`: https, the source's own host for its aliases, no session and no tracking.

    A text that is not a web address (a feed's bare guid) comes back as it is.
    """
    url = _whole(url)
    parts = _split(url)
    if parts is None:
        return url
    host = (parts.hostname or "").lower()
    if source is not None and host in source.aliases:
        host = source.hosts[0]
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    query = "&".join(part for part in parts.query.split("&") if part and not _TRACKING.match(part.split("=")[0]))
    path = _SESSION.sub("", parts.path) or "/"
    return urlunsplit(("https", host + port, path, query, parts.fragment))


def own_link(url: str, source: Source) -> str:
    """`url` on the source's own hosts: a former host becomes the present one, a foreign link becomes none."""
    url = _whole(url)
    parts = _split(url)
    host = (parts.hostname or "").lower() if parts else ""
    if parts is not None and host in source.aliases:
        return urlunsplit(parts._replace(netloc=source.hosts[0]))
    return url if host in source.hosts else ""


def _whole(text: str) -> str:
    """`text` without half characters, which JSON may hold and no database takes."""
    text = text.strip()
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _split(url: str) -> SplitResult | None:
    """The parts of a web address, None if it is none."""
    try:
        parts = urlsplit(url)
        honest = parts.scheme in {"http", "https"} and parts.username is None and "\\" not in url
        return parts if honest and parts.port != 0 else None
    except ValueError:
        return None


def templates(source: Source) -> dict[str, str]:
    """URL templates of a source's items by board ('*' for any other); empty if its items bring their own."""
    url = source.listing.url if isinstance(source.listing, HtmlStep) else None
    if url is None:
        return {}
    return {"*": url} if isinstance(url, str) else dict(url)


def item_id(url: str, source: Source) -> tuple[str, str] | None:
    """(board, id) that `url` means in this source's templates, None if it is not one of its items."""
    wanted = canonical_url(url, source)
    for board, template in templates(source).items():
        pattern = re.escape(
            _path(canonical_url(template.replace("{id}", "0ID0").replace("{board}", "0BOARD0"), source))
        )
        pattern = pattern.replace("0ID0", r"(?P<id>[^/]+)").replace("0BOARD0", r"[^/]+")
        found = re.fullmatch(pattern, _path(wanted))
        if found and _host(wanted) == source.hosts[0].lower():
            return (source.board if board == "*" else board), found["id"]
    return None


def _path(url: str) -> str:
    return urlsplit(url).path


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
