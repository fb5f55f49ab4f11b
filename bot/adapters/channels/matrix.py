"""Matrix: one room, and a transaction id by which the server knows a repeat.

The server remembers transactions by device (https://spec.matrix.org/v1.16/client-server-api/#transaction-identifiers),
so the device is the same at every log-in; apprise has a new one each time, and counts its transactions from 0.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from bot.adapters.channels.deadline import Deadline
from bot.adapters.channels.wire import LONGEST_REST, Answer, Unanswered, Wire, judge, unanswered
from bot.model import Letter, Outcome, Sending

MAX_EVENT = 60_000
"""Bytes of one message; a server takes 65,536 with all that it adds."""
_CODE = re.compile(r"[A-Z_]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who writes into which room."""

    server: str
    """Such as `https://matrix.example.org`."""
    user: str
    """Empty if `password` is an access token."""
    password: str = field(repr=False)
    room: str
    """An id (`!…`) or an alias (`#…`), with or without its server."""
    device: str
    discover: bool = False
    """True if the server may say where it really is (.well-known)."""
    verify: bool = True
    version: str = "v3"
    kind: str = "m.text"
    bare_ids: bool = False
    """True if an id without a server is whole, as those of rooms of version 12 are."""


def open_matrix(account: Account, *, timeout: float, now: Callable[[], datetime]) -> Callable[[Letter], Outcome]:
    """A sender to one room; logs in and joins when the first letter comes."""
    room = _Room(account, now)

    def send(letter: Letter) -> Outcome:
        with Deadline(timeout) as deadline:
            return room.send(letter, deadline)

    return send


def content(letter: Letter, kind: str) -> bytes:
    """The event of a letter: plain text, beside it HTML where there is some; nobody is mentioned by it."""
    event: dict[str, Any] = {"msgtype": kind, "body": letter.rendered.text, "m.mentions": {}}
    if letter.rendered.html:
        rich = _json({**event, "format": "org.matrix.custom.html", "formatted_body": letter.rendered.html})
        if len(rich) <= MAX_EVENT:
            return rich
    return _json(event)


class _Stopped(Exception):  # noqa: N818 (an end that is told as its outcome)
    """The letter did not leave, as something before it failed."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.why)
        self.outcome = outcome


class _Room:
    """A session: where the server is, the token, and the room's id, as far as they are known."""

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        self._account, self._now = account, now
        self._wire = Wire(secure=account.server.startswith("https:"), verify=account.verify)
        self._server = self._token = self._id = ""

    def send(self, letter: Letter, deadline: Deadline) -> Outcome:
        """Send once, or twice if the token turns out to be worn."""
        worn = bool(self._token and self._account.user)
        try:
            answer = self._put(letter, deadline)
            if answer.status == 401 and worn:
                self._token = ""
                answer = self._put(letter, deadline)
        except Unanswered as error:
            if not error.taken:
                self._forget()
            return unanswered(error)
        except _Stopped as stopped:
            return stopped.outcome
        if answer.status in {401, 403, 404}:
            self._forget(token=answer.status == 401)
        return self._judge(answer)

    def _put(self, letter: Letter, deadline: Deadline) -> Answer:
        if not self._server:
            self._server = self._found(deadline)
        if not self._token:
            self._token, self._id = self._logged_in(deadline), ""
        if not self._id:
            self._id = self._joined(deadline)
        path = f"/rooms/{quote(self._id, safe='')}/send/m.room.message/{quote(letter.id, safe='')}"
        return self._ask(deadline, "PUT", path, content(letter, self._account.kind))

    def _forget(self, *, token: bool = False) -> None:
        """Look again where the server and the room are when the next letter comes."""
        self._server = self._id = ""
        if token:
            self._token = ""

    def _found(self, deadline: Deadline) -> str:
        """Where the server is: where its .well-known says, if there is one."""
        given = self._account.server
        if not self._account.discover:
            return given
        answer = self._before(deadline, "GET", f"{given}/.well-known/matrix/client", fine={200, 404})
        if answer.status == 404:
            return given
        place = _at(_read(answer).get("m.homeserver"), "base_url").rstrip("/")
        if not _is_safe(place):
            raise _Stopped(Outcome(result=Sending.RETRY, why="the server's .well-known/matrix/client names no server"))
        return place

    def _logged_in(self, deadline: Deadline) -> str:
        """An access token."""
        account = self._account
        if not account.user:
            return account.password
        who = {"type": "m.id.user", "user": account.user}
        asked = {"type": "m.login.password", "identifier": who, "password": account.password}
        asked |= {"device_id": account.device, "initial_device_display_name": "Tocsin"}
        return _at(_read(self._before(deadline, "POST", "/login", _json(asked))), "access_token")

    def _joined(self, deadline: Deadline) -> str:
        """The id of the room, which is joined if need be."""
        name = self._account.room if self._account.room[0] in "#!" else f"#{self._account.room}"
        if ":" not in name and not (name[0] == "!" and self._account.bare_ids):
            me = _at(_read(self._before(deadline, "GET", "/account/whoami")), "user_id")
            name += ":" + me.partition(":")[2]
        joined = _at(_read(self._before(deadline, "POST", f"/join/{quote(name, safe='')}", b"{}")), "room_id")
        state = f"/rooms/{quote(joined, safe='')}/state/m.room.encryption"
        if self._before(deadline, "GET", state, fine={200, 403, 404}).status == 200:
            why = "the room is encrypted: take another, or write e2ee=yes into the url (see the documentation)"
            raise _Stopped(Outcome(result=Sending.RETRY, why=why))
        return joined

    def _before(
        self, deadline: Deadline, method: str, path: str, body: bytes = b"", *, fine: Collection[int] = (200,)
    ) -> Answer:
        """The answer to a request that comes before the letter: its failure leaves the letter for another time."""
        try:
            answer = self._ask(deadline, method, path, body)
        except Unanswered as error:
            self._forget()
            raise _Stopped(unanswered(Unanswered(str(error), taken=False))) from error
        if answer.status not in fine:
            self._forget(token=answer.status == 401)
            raise _Stopped(replace(self._judge(answer), result=Sending.RETRY))
        return answer

    def _ask(self, deadline: Deadline, method: str, path: str, body: bytes) -> Answer:
        url = path if path.startswith("https:") else f"{self._server}/_matrix/client/{self._account.version}{path}"
        headers = {"Content-Type": "application/json"}
        if self._token and path.startswith("/"):
            headers["Authorization"] = f"Bearer {self._token}"
        return self._wire.ask(deadline, method, url, headers=headers, body=body)

    def _judge(self, answer: Answer) -> Outcome:
        """What the answer means, with Matrix' own code and its own way to ask for a rest."""
        outcome, said = judge(answer, self._now()), _read(answer)
        if code := _CODE.fullmatch(_at(said, "errcode")):
            outcome = replace(outcome, why=f"{outcome.why} {code[0]}")
        rest = said.get("retry_after_ms")
        if outcome.result is not Sending.SENT and outcome.retry_after is None and isinstance(rest, int) and rest > 0:
            outcome = replace(outcome, retry_after=min(timedelta(milliseconds=min(rest, 10**9)), LONGEST_REST))
        return outcome


def _is_safe(place: str) -> bool:
    """True for the address of a server to which a password may go."""
    try:
        parts = urlsplit(place)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return place.isascii() and parts.scheme == "https" and named and not (parts.username or parts.query)


def _json(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode(errors="replace")


def _read(answer: Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _at(said: Any, key: str) -> str:
    """The text under a key; empty if there is none."""
    found = said.get(key) if isinstance(said, dict) else None
    return found if isinstance(found, str) else ""
