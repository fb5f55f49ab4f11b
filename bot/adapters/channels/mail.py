"""Mail: a plain and an HTML part, headers that let readers filter and thread, one exchange for one recipient."""

import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from bot.adapters.channels.deadline import Deadline
from bot.model import Letter, Outcome, Sending
from bot.secrecy import Mask, login_forms

SUBJECT = 200
"""The longest subject; longer ones are refused by some servers."""
_AUTH = frozenset({530, 534, 535, 538})
"""Codes of RFC 4954: it is the log-in that is refused, not the mail."""
_POLICY = re.compile(r"5\.7\.\d")
"""RFC 3463: refused for who we are, such as a server that may not relay or is on a block list."""
GOODBYE = 0.5
"""Seconds for the answer to our goodbye."""
_KEYS = re.compile(r"[A-Za-z0-9+/=]{12,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mail server, one address to which it takes our mails, and what their headers say of us."""

    host: str
    port: int
    mode: str
    """`insecure`, `starttls` or `ssl`."""
    user: str = ""
    password: str = field(default="", repr=False)
    verify: bool = True
    sender: tuple[str, str]
    """Name and address."""
    recipient: str
    reply_to: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    """More of them, as the URL says; none of ours is replaced."""
    list_id: str = "tocsin.alerts"
    unsubscribe: str = ""
    language: str = "en"


def open_mail(mailbox: Mailbox, *, timeout: float, now: Callable[[], datetime]) -> Callable[[Letter], Outcome]:
    """A sender to one mailbox. A receiver that knows Message-IDs drops what a retry repeats."""
    return lambda letter: _post(compose(letter, mailbox, now()).as_bytes(), mailbox, timeout)


# --- the mail ---------------------------------------------------------------------------------------------------


class _Policy(EmailPolicy):
    """SMTP's rules, but for ids and addresses: the library would cut long ones and encode the pieces.

    Nor for text in other letters than ASCII: it loses blanks where it begins a new line (Python 3.11).
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if (name == "Subject" or name.startswith("X-")) and not value.isascii():
            value = Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
            return f"{name}: {value}\r\n".encode("ascii")
        if name.lower() in {"message-id", "in-reply-to", "references", "list-id", "list-unsubscribe"}:
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


def compose(letter: Letter, mailbox: Mailbox, at: datetime) -> EmailMessage:
    """The mail; it needs no extension of SMTP, as every byte of it is ASCII."""
    mail = EmailMessage(policy=_Policy(linesep="\r\n", cte_type="7bit"))
    for name, value in _headers(letter, mailbox).items():
        if line := _line(value):
            mail[name] = line
    mail["From"], mail["To"] = _address(*mailbox.sender), _address("", mailbox.recipient)
    mail["Date"] = format_datetime(at)
    mail.set_content(_text(letter.rendered.text))
    if letter.rendered.html:
        mail.add_alternative(_text(letter.rendered.html), subtype="html")
    mail["Content-Language"] = mailbox.language  # last, as what is made of parts hands such headers down to them
    for name, value in mailbox.headers.items():
        if name not in mail:
            mail[name] = _line(value)
    return mail


def _headers(letter: Letter, mailbox: Mailbox) -> dict[str, str]:
    """What can be said in plain text; nothing is said by an empty value."""
    domain = mailbox.sender[1].rpartition("@")[2] or "tocsin.invalid"
    answers = f"<{letter.answers}@{domain}>" if letter.answers else ""
    unsubscribe = mailbox.unsubscribe.replace("=?", "=%3F")  # the same address, and no encoded word
    return {
        "Subject": _line(letter.rendered.subject)[:SUBJECT],
        "Message-ID": f"<{letter.id}@{domain}>",
        "In-Reply-To": answers,
        "References": answers,
        "Reply-To": ", ".join(mailbox.reply_to),
        "List-Id": f"Tocsin <{mailbox.list_id}>",
        "List-Unsubscribe": f"<{unsubscribe}>" if unsubscribe else "",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if unsubscribe.startswith("https:") else "",  # RFC 8058
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers; no Precedence, which never had a norm
        "X-Auto-Response-Suppress": "OOF, AutoReply",  # the same for Exchange
        "X-Tocsin-Rule": letter.message.rule,
        "X-Tocsin-Story": letter.message.story,
    }


def _line(text: str) -> str:
    """`text` as one line that can stand in a header.

    The library takes an encoded word (RFC 2047) for what is written in it, line ends and all: here it is none.
    """
    return _plain(text).replace("=?", "= ?")


def _plain(text: str) -> str:
    """`text` in one line, without what is not printed."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _text(text: str) -> str:
    """`text` without what SMTP does not carry: control characters, and halves of characters."""
    kept = "".join(c if c >= " " or c in "\n\t" else " " for c in text.replace("\r\n", "\n"))
    return kept.encode(errors="replace").decode()


def _address(name: str, address: str) -> Address:
    user, _, domain = address.rpartition("@")
    return Address(_line(name), user, domain)


# --- the exchange -----------------------------------------------------------------------------------------------


class _Server(smtplib.SMTP):
    """A connection to a mail server that its deadline cuts, and how far the mail has come over it."""

    def __init__(self, mailbox: Mailbox, deadline: Deadline) -> None:
        super().__init__(local_hostname="localhost", timeout=deadline.left())
        self._mailbox, self._deadline = mailbox, deadline
        self._host = mailbox.host  # whose certificate starttls() wants to see
        self.step = ""
        """`login`, `from`, `to`, `data`, or `end` as soon as the whole mail may have arrived."""

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        connection = self._deadline.connect(
            host, port, lambda address, seconds: socket.create_connection((address, port), timeout=seconds)
        )
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the last dot must not wait for an answer
        self._deadline.watch(connection)
        # An address instead of a name: our own name would have to be looked up, and tells servers nothing.
        address = str(connection.getsockname()[0])
        self.local_hostname = f"[IPv6:{address}]" if ":" in address else f"[{address}]"
        if self._mailbox.mode == "ssl":
            return _context(self._mailbox).wrap_socket(connection, server_hostname=host)
        return connection

    def open(self) -> None:
        """Connect, secure the connection, log in and say who writes, as the mailbox says."""
        self._must(self.connect(self._mailbox.host, self._mailbox.port))
        if self._mailbox.mode == "starttls":
            self.starttls(context=_context(self._mailbox))
        self.ehlo_or_helo_if_needed()
        if self._mailbox.user and self._mailbox.password:
            self.step = "login"
            self.login(self._mailbox.user, self._mailbox.password)
        self.step = "from"
        self._must(self.mail(self._mailbox.sender[1]))

    def hand(self, mail: bytes) -> None:
        """Hand over a mail, up to the server's word that it has it."""
        self.step = "to"
        self._must(self.rcpt(self._mailbox.recipient))
        self.step = "data"
        self._must(self.docmd("DATA"), kind=3)
        self.send(re.sub(rb"(?m)^\.", b"..", mail))
        self.step = "end"  # no server may take a mail whose last dot it has not seen (RFC 5321, 4.1.1.4)
        self.send(b".\r\n")
        self._must(self.getreply())

    def leave(self) -> None:
        """Say goodbye; the server has the mail, and if we ended while it is silent, it would get it once more."""
        if (connection := self.sock) is None:
            return
        with suppress(OSError, smtplib.SMTPException), Deadline(min(GOODBYE, self._deadline.left())) as end:
            end.watch(connection)
            self.docmd("QUIT")

    def _must(self, reply: tuple[int, bytes], *, kind: int = 2) -> None:
        self._deadline.left()  # what a cut connection leaves of a line is no reply
        if reply[0] // 100 != kind:
            raise smtplib.SMTPResponseException(*reply)


def _context(mailbox: Mailbox) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not mailbox.verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _post(mail: bytes, mailbox: Mailbox, timeout: float) -> Outcome:
    """Hand the mail to the server within `timeout` seconds, whatever it does meanwhile."""
    with Deadline(timeout) as deadline:
        server = _Server(mailbox, deadline)
        try:
            server.open()
            server.hand(mail)
            server.leave()
        except (OSError, ValueError, smtplib.SMTPException) as error:
            outcome = _failed(error, server.step, timed_out=deadline.over)
            return replace(outcome, why=_told(outcome.why, mailbox, server.step))
        finally:
            server.close()
    return Outcome(result=Sending.SENT)


def _failed(error: Exception, step: str, *, timed_out: bool) -> Outcome:
    if isinstance(error, smtplib.SMTPResponseException) and isinstance(error.smtp_error, bytes):
        return _answered(error.smtp_code, error.smtp_error, step)
    why = "no answer in time" if timed_out or isinstance(error, TimeoutError) else str(error)
    if isinstance(error, smtplib.SMTPResponseException):  # the library's own word for a line that does not end
        why = "its answer was too long"
    if isinstance(error, UnicodeError):
        why = "the name or password has letters that the log-in of SMTP does not carry"
    if step == "end":
        return Outcome(result=Sending.AMBIGUOUS, why=f"it may have arrived: the mail server went silent: {why}")
    return Outcome(result=Sending.RETRY, why=f"the mail server cannot be reached or went silent: {why}")


def _answered(code: int, text: bytes, step: str) -> Outcome:
    """What a reply means (RFC 5321, 4.2.1): 4xx may pass later, 5xx will not, unless it is us whom the server refuses.

    Before a recipient is named, and by the codes of _AUTH and _POLICY, it is the operator's settings that are refused
    and not the mail, which waits for them to be mended. After the whole mail, a 421 or nonsense tells nothing.
    """
    said = text.decode("utf-8", errors="replace")
    ours = step not in {"to", "data", "end"} or code in _AUTH or (step == "to" and _POLICY.match(said))
    result = Sending.REFUSED if 500 <= code < 600 and not ours else Sending.RETRY
    if step == "end" and (code == 421 or not 400 <= code < 600):
        result = Sending.AMBIGUOUS
    return Outcome(result=result, why=f"the mail server said {code} {said}")


def _told(why: str, mailbox: Mailbox, step: str) -> str:
    """`why` without what some servers repeat, such as a log-in that they do not understand."""
    user, password = mailbox.user, mailbox.password
    encoded = {b64encode(user.encode(errors="replace")).decode().rstrip("=")} if user else set[str]()
    masked = Mask({user, *encoded, *login_forms(user, password)} - {""})(_plain(why))
    return (_KEYS.sub("…", masked) if step == "login" else masked)[:300]
