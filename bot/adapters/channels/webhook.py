"""Webhooks: a signed JSON document that is the same on every try, with a key by which a receiver knows repeats."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from bot.adapters.channels.deadline import Deadline
from bot.adapters.channels.sender import Sender, Setup, Unusable
from bot.adapters.channels.wire import Unanswered, Wire, judge, unanswered
from bot.core.render import Form, web_link
from bot.core.text import clean
from bot.model import Letter, Message, Outcome

SCHEMES = {"webhook": "http", "webhooks": "https"}
_SAFE = "/:?&=%@!$'()*+,;~-._"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Where letters are posted; the address may be a secret as well as the key."""

    address: str = field(repr=False)
    secret: bytes = field(repr=False)
    """Signs what is posted; empty for no signature."""
    login: str = field(repr=False)
    """User and password as HTTP's Basic scheme writes them; empty for none."""


def read_hook(url: str) -> Hook:
    """The hook of `webhook://host/path?secret=…` (http) or `webhooks://…` (https); raises Unusable."""
    parts = urlsplit(url)
    try:
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        host, port = "", None
    if not host or not host.isprintable() or " " in url:
        raise Unusable("the url must look like webhooks://host/path?secret=…")
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port is not None else ""
    kept = [pair for pair in parts.query.split("&") if pair and not pair.startswith("secret=")]
    target = quote((parts.path or "/") + ("?" + "&".join(kept) if kept else ""), safe=_SAFE)
    login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else ""
    return Hook(
        address=f"{SCHEMES[parts.scheme]}://{place}{target}",
        secret=_secret(parts.query),
        login=b64encode(login.encode()).decode(),
    )


def _secret(query: str) -> bytes:
    """The key that the URL gives; a + stands for itself, as such keys are often base64."""
    given = [unquote(pair.removeprefix("secret=")) for pair in query.split("&") if pair.startswith("secret=")]
    if not given:
        return b""
    try:
        secret = b64decode(given[0][6:], validate=True) if given[0].startswith("whsec_") else given[0].encode()
    except ValueError:
        secret = b""
    if not secret or len(given) > 1:
        raise Unusable("the secret in the url must be given once, and be a text or whsec_ and base64")
    return secret


def open_webhook(setup: Setup) -> Sender:
    """A sender to one hook, over a connection that is kept; raises Unusable."""
    hook = read_hook(setup.url)
    wire = Wire(secure=hook.address.startswith("https:"), needs_bodies=False)

    def send(_: str, letter: Letter) -> Outcome:
        body = document(letter)
        headers = {"Content-Type": "application/json; charset=utf-8", **signature(letter.id, body, hook, setup.now())}
        try:
            with Deadline(setup.delivering.timeout_seconds) as deadline:
                answer = wire.ask(deadline, "POST", hook.address, headers=headers, body=body)
        except Unanswered as error:
            return unanswered(error)
        return judge(answer, setup.now())

    return Sender(form=Form(kind="webhook", language=setup.channel.language), send=send, knows_repeats=True)


def signature(key: str, body: bytes, hook: Hook, at: datetime) -> dict[str, str]:
    """The headers by which a receiver knows us and repeats: Idempotency-Key and those of Standard Webhooks.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    stamp = str(int(at.timestamp()))
    headers = {"Idempotency-Key": key, "webhook-id": key, "webhook-timestamp": stamp}
    if hook.secret:
        signed = hmac.digest(hook.secret, f"{key}.{stamp}.".encode() + body, hashlib.sha256)
        headers["webhook-signature"] = "v1," + b64encode(signed).decode()
    if hook.login:
        headers["Authorization"] = f"Basic {hook.login}"
    return headers


def document(letter: Letter) -> bytes:
    """The letter as JSON in UTF-8: no time and nothing else in it changes from try to try."""
    told = {"id": letter.id, **_told(letter.message), "text": letter.rendered.text}
    return json.dumps(told, ensure_ascii=False).encode(errors="replace")


def _told(message: Message) -> dict[str, Any]:
    """The values as they were scraped, but for signs that are not seen; the address only if it leads to the web."""
    link = web_link(message.url)
    return {
        "kind": message.reason.value,
        "rule": clean(message.rule),
        "title": clean(message.title),
        "url": link.url if link else "",
        "source": clean(message.source),
        "published": clean(message.published),
        "categories": [clean(one) for one in message.categories],
        "words": [clean(one) for one in message.words],
        "excerpt": clean(message.excerpt),
        "lead": clean(message.lead),
        "changes": [{"before": clean(before), "after": clean(after)} for before, after in message.changes],
        "also": [clean(one) for one in message.also],
        "story": message.story,
        "release": message.release,
        "entries": [_told(entry) for entry in message.entries],
    }
