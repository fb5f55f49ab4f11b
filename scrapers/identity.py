"""Which release a link means: one form for every spelling of a URL, and the id inside it."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapers.model import HtmlStep, Source

# Parameters that say how a reader came, or hold nothing; never what is read.
_TRACKING = re.compile(r"^(utm_\w+|wgt_ref|fbclid|gclid|jsessionid)$", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


def canonical_url(url: str, source: Source | None = None) -> str:
    """One spelling of `url`: https, the source's own host for its aliases, no session, tracking or fragment.

    A text that is not a web address (a feed's bare guid) comes back as it is.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"}:
        return url.strip()
    host = (parts.hostname or "").lower()
    if source is not None and host in source.aliases:
        host = source.hosts[0]
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    query = [(name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.match(name)]
    path = _SESSION.sub("", parts.path) or "/"
    return urlunsplit(("https", host + port, path, urlencode(query), ""))


def own_link(url: str, source: Source) -> str:
    """`url` on the source's own hosts: a former host becomes the present one, a foreign link becomes none."""
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").lower()
    if host in source.aliases:
        return urlunsplit(parts._replace(netloc=source.hosts[0]))
    return url.strip() if parts.scheme in {"http", "https"} and host in source.hosts else ""


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
