"""Alerts through real chat servers, read back as a person's program would; scripts/chat-test starts them."""

import argparse
import json
import logging
import socket
import sys
import urllib.request
from contextlib import suppress
from dataclasses import replace
from select import select
from threading import Event, Thread
from typing import Any, Self
from urllib.parse import quote

from apprise import Apprise
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bot.adapters.channels import Channels
from bot.model import Letter, Message, Outcome, Reason, Sending
from bot.settings import Channel, Delivering

MESSAGE = Message(
    reason=Reason.NEW,
    title="무역위원회 recommends duties on <steel> @room",
    rule="Anti-dumping",
    words=("anti-dumping",),
    excerpt="An anti-dumping duty of 21.6% & more.",
    marks=((3, 15),),
    source="Demo press",
    published="2026-11-02",
    url="https://press.example/1/view?a=1&b=2",
)


class Failed(Exception):  # noqa: N818 (the end of the test)
    """A check failed."""


def main() -> int:
    """Check both servers; 1 if anything is not as promised."""
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser()
    parser.add_argument("--mqtt", type=int, required=True)
    parser.add_argument("--matrix", type=int, required=True)
    ports = parser.parse_args()
    try:
        check_mqtt(ports.mqtt)
        check_matrix(ports.matrix)
    except Failed as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 0


def check(what: str, told: object, *, be: object = True) -> None:
    """Say that something is as it should be; raises Failed if it is not."""
    if told != be:
        raise Failed(f"{what}: {told!r}, but it should be {be!r}")
    print(f"        ok: {what}", flush=True)


def open_channels(url: str) -> Channels:
    """One channel, as a new process would open it."""
    channel = Channel(url="ignored://")
    return Channels({"chat": channel}, {"chat": url}, Delivering(timeout_seconds=15), file="config.toml")


def send(opened: Channels, key: str = "d1", message: Message = MESSAGE) -> Outcome:
    """Send a letter with that id."""
    return opened.send("chat", "", Letter(id=key, message=message, rendered=opened.write("chat", message)))


# --- MQTT -------------------------------------------------------------------------------------------------------


def check_mqtt(port: int) -> None:
    """An alert by apprise, as a subscriber gets it."""
    received: list[str] = []
    ready, came = Event(), Event()

    def note(_client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        received.append(message.payload.decode())
        came.set()

    reader = mqtt.Client(CallbackAPIVersion.VERSION2)
    reader.on_subscribe = lambda *_: ready.set()
    reader.on_message = note
    reader.connect("127.0.0.1", port)
    reader.loop_start()
    reader.subscribe("tocsin/alerts", qos=1)
    try:
        check("mosquitto takes a subscription", ready.wait(10))
        opened = open_channels(f"mqtt://127.0.0.1:{port}/tocsin/alerts?qos=1")
        check("mosquitto takes the alert", send(opened), be=Outcome(result=Sending.SENT))
        check("the subscriber gets it", came.wait(10))
        check("… once, and whole", len(received) == 1 and MESSAGE.title in received[0] and MESSAGE.url in received[0])
    finally:
        reader.disconnect()
        reader.loop_stop()
    nobody = send(open_channels("mqtt://127.0.0.1:9/tocsin/alerts"))
    check("where nobody listens, it is to be tried again", nobody.result, be=Sending.RETRY)


# --- Matrix -----------------------------------------------------------------------------------------------------


class Reader:
    """A person in the rooms, over the client API."""

    def __init__(self, port: int) -> None:
        self._base, self._token = f"http://127.0.0.1:{port}/_matrix/client/v3", ""
        who = {"type": "m.id.user", "user": "reader"}
        asked = {"type": "m.login.password", "identifier": who, "password": "word of reader"}
        self._token = self._ask("POST", "/login", asked)["access_token"]

    def open_room(self, alias: str, *, encrypted: bool = False) -> str:
        """A new room that everybody may join; its id."""
        secret = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        asked = {"room_alias_name": alias, "preset": "public_chat", "initial_state": [secret] if encrypted else []}
        return str(self._ask("POST", "/createRoom", asked)["room_id"])

    def messages(self, room: str) -> list[dict[str, Any]]:
        """The contents of all messages in a room, the earliest first."""
        events = self._ask("GET", f"/rooms/{quote(room)}/messages?dir=f&limit=500")["chunk"]
        return [event["content"] for event in events if event["type"] == "m.room.message"]

    def _ask(self, method: str, path: str, told: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        body = json.dumps(told).encode() if told is not None else None
        request = urllib.request.Request(self._base + path, body, headers, method=method)  # noqa: S310 (loopback)
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)


class Cutter:
    """A door to the server that loses the answers to messages while `cuts` is set."""

    def __init__(self, port: int) -> None:
        self.cuts, self._to = False, port

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                inside, _ = self._listener.accept()
                Thread(target=self._pass, args=(inside,), daemon=True).start()

    def _pass(self, inside: socket.socket) -> None:
        """Pass requests and answers on, one after the other; each of ours comes in one piece or two."""
        with suppress(OSError), inside, socket.create_connection(("127.0.0.1", self._to)) as outside:
            lost = False
            while ready := select([inside, outside], [], [])[0]:
                part = ready[0].recv(65536)
                lost = lost or (self.cuts and ready[0] is inside and part.startswith(b"PUT "))
                if not part or (lost and ready[0] is outside):
                    return
                (outside if ready[0] is inside else inside).sendall(part)


def check_matrix(port: int) -> None:
    """An alert in a room: once, however often it is sent under the same id."""
    reader = Reader(port)
    room = reader.open_room("alerts")
    url = f"matrix://bot:word%20of%20bot@127.0.0.1:{port}/%23alerts:test.local"
    opened = open_channels(url)
    check("Synapse takes the alert", send(opened), be=Outcome(result=Sending.SENT))
    [told] = reader.messages(room)
    check("it is read in the room, title and link", MESSAGE.title[:20] in told["body"] and MESSAGE.url in told["body"])
    check("beside it, as HTML", "<b>anti-dumping</b>" in told["formatted_body"])
    check("nobody is called by it", (told["m.mentions"], "@room" in told["body"]), be=({}, False))
    check_repeats(reader, room, url, opened)
    check_lost_answer(reader, port, room)
    check_apprise(reader, url)
    check_refusals(reader, port, url)


def check_repeats(reader: Reader, room: str, url: str, opened: Channels) -> None:
    """The same letter after a lost answer, in the same process and in the next one; and one that is not the same."""
    check("the same letter again is taken", send(opened).result, be=Sending.SENT)
    check("… and there is still one message", len(reader.messages(room)), be=1)
    check("after a restart it is taken again", send(open_channels(url)).result, be=Sending.SENT)
    check("… and there is still one message", len(reader.messages(room)), be=1)
    check("control: under another id it is taken", send(opened, "d2").result, be=Sending.SENT)
    check("… and there are two messages", len(reader.messages(room)), be=2)


def check_lost_answer(reader: Reader, port: int, room: str) -> None:
    """A connection that is cut when the server has the message and answers."""
    before = len(reader.messages(room))
    with Cutter(port) as between:
        opened = open_channels(f"matrix://bot:word%20of%20bot@127.0.0.1:{between.port}/%23alerts:test.local")
        between.cuts = True
        check("a lost answer is told as such", send(opened, "d3").result, be=Sending.AMBIGUOUS)
        between.cuts = False
        check("… though the message is there", len(reader.messages(room)), be=before + 1)
        check("the letter is taken again", send(opened, "d3").result, be=Sending.SENT)
        check("… and there is no second message", len(reader.messages(room)), be=before + 1)


def check_apprise(reader: Reader, url: str) -> None:
    """Why there is a sender of our own: apprise's makes two messages of one."""
    room = reader.open_room("apprise")
    for _ in range(2):
        courier = Apprise()
        courier.add(url.replace("alerts", "apprise") + "?e2ee=no")
        check("control: apprise's own sender sends", bool(courier.notify(body="the same", title="")))
    check("… and after a restart makes two messages of one", len(reader.messages(room)), be=2)


def check_refusals(reader: Reader, port: int, url: str) -> None:
    """What the server refuses waits for better times, and says why."""
    wrong = send(open_channels(url.replace("of%20bot", "canary")))
    check("a wrong password waits for the operator", wrong.result, be=Sending.RETRY)
    check("… is told, and not shown", ("403 M_FORBIDDEN" in wrong.why, "canary" in wrong.why), be=(True, False))
    room = reader.open_room("secret", encrypted=True)
    secret = send(open_channels(f"matrix://bot:word%20of%20bot@127.0.0.1:{port}/%23secret:test.local"))
    check("an encrypted room gets no plain text", (secret.result, reader.messages(room)), be=(Sending.RETRY, []))
    check_limit(open_channels(url))


def check_limit(opened: Channels) -> None:
    """A real rate limit, with the rest that the server asks for."""
    for number in range(30):
        outcome = send(opened, f"many{number}", replace(MESSAGE, title=f"Many {number}"))
        if outcome.result is not Sending.SENT:
            rest = outcome.retry_after.total_seconds() if outcome.retry_after else 0
            asked = outcome.result is Sending.RETRY and "429 M_LIMIT_EXCEEDED" in outcome.why and 0 < rest < 60
            check("a rate limit asks for a rest", asked)
            return
    raise Failed("Synapse let 30 messages through at once")


if __name__ == "__main__":
    sys.exit(main())
