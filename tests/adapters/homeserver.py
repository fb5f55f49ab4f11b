"""A Matrix homeserver of a few lines."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.adapters.sinks import Received, Reply

API = "/_matrix/client/v3"


@dataclass
class Homeserver:
    """Knows one user, some rooms, and the transactions of each device."""

    password: str = "canary-word"
    rooms: dict[str, str] = field(default_factory=lambda: {"#alerts:test.local": "!room:test.local"})
    encrypted: bool = False
    tokens: dict[str, str] = field(default_factory=lambda: {"canary-token": "DEVICE"})
    """The device of each token."""
    events: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """By device and transaction id: a transaction that comes again makes no new event."""
    logins: list[dict[str, Any]] = field(default_factory=list)
    fails: dict[str, Reply] = field(default_factory=dict)
    """Answers by the first word of the path, such as `send`."""

    def __call__(self, request: Received) -> Reply:
        path = unquote(request.path).removeprefix(API)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        steps = {"/login": self.login, "/account/whoami": self.whoami, "/join/": self.join, "/rooms/": self.room}
        for start, step in steps.items():
            if path.startswith(start):
                if start != "/login" and token not in self.tokens:
                    return refusal(401, "M_UNKNOWN_TOKEN")
                return step(path, token, json.loads(request.body or b"{}"))
        return refusal(404, "M_UNRECOGNIZED")

    def login(self, path: str, token: str, asked: dict[str, Any]) -> Reply:
        self.logins.append(asked)
        if "login" in self.fails:
            return self.fails["login"]
        if asked["password"] != self.password:
            return refusal(403, "M_FORBIDDEN")
        token = f"token{len(self.logins)}"
        self.tokens = {old: device for old, device in self.tokens.items() if device != asked["device_id"]}
        self.tokens[token] = asked["device_id"]
        return said({"access_token": token, "user_id": "@bot:test.local"})

    def whoami(self, path: str, token: str, asked: dict[str, Any]) -> Reply:
        return said({"user_id": "@bot:test.local"})

    def join(self, path: str, token: str, asked: dict[str, Any]) -> Reply:
        name = path.removeprefix("/join/")
        known = {**self.rooms, **{one: one for one in self.rooms.values()}}
        return said({"room_id": known[name]}) if name in known else refusal(404, "M_NOT_FOUND")

    def room(self, path: str, token: str, asked: dict[str, Any]) -> Reply:
        if path.endswith("/state/m.room.encryption"):
            return said({"algorithm": "m.megolm.v1.aes-sha2"}) if self.encrypted else refusal(404, "M_NOT_FOUND")
        if "send" in self.fails and not self.fails["send"].then:
            return self.fails["send"]
        found = re.fullmatch(r"/rooms/!room:test.local/send/m.room.message/(\w+)", path)
        if not found:
            return refusal(403, "M_FORBIDDEN")
        self.events.setdefault((self.tokens[token], found[1]), asked)
        return self.fails.get("send") or said({"event_id": "$1"})


def said(answer: dict[str, Any]) -> Reply:
    return Reply(body=json.dumps(answer).encode())


def refusal(status: int, code: str, **more: Any) -> Reply:
    return Reply(status=status, body=json.dumps({"errcode": code, "error": "canary-word", **more}).encode())
