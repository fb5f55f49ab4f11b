"""Mail: a plain and an HTML part, headers that let readers filter, and the same Message-ID on every try."""

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from bot.core.render import html, plain_text, subject
from bot.model import Message, Outcome, Sending


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mail server, and one address to which it takes our mails."""

    host: str
    port: int
    mode: str
    """`insecure`, `starttls` or `ssl`."""
    user: str
    password: str = field(repr=False)
    verify: bool
    sender: tuple[str, str]
    """Name and address."""
    recipient: str


def open_mail(mailbox: Mailbox, *, list_id: str, timeout: float) -> Callable[[Message, str], Outcome]:
    """A sender to one mailbox. A receiver that knows Message-IDs drops what a retry repeats."""

    def send(message: Message, delivery: str) -> Outcome:
        return _post(compose(message, mailbox, delivery=delivery, list_id=list_id), mailbox, timeout)

    return send


def compose(message: Message, mailbox: Mailbox, *, delivery: str, list_id: str) -> EmailMessage:
    """The mail; the library refuses line breaks in headers, and subject() has none."""
    domain = mailbox.sender[1].rpartition("@")[2] or "tocsin.invalid"
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject(message)
    mail["From"] = _address(*mailbox.sender)
    mail["To"] = _address("", mailbox.recipient)
    mail["Message-ID"] = f"<{delivery}@{domain}>"
    mail["List-Id"] = f"Tocsin <{list_id}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["X-Tocsin-Rule"] = " ".join(message.rule.split())
    mail["X-Tocsin-Story"] = message.story
    mail.set_content(plain_text(message))
    mail.add_alternative(html(message), subtype="html")
    return mail


def _address(name: str, address: str) -> Address:
    user, _, domain = address.rpartition("@")
    return Address(name, user, domain)


def _post(mail: EmailMessage, mailbox: Mailbox, timeout: float) -> Outcome:
    """Hand the mail to the server; silence after it may have taken the text is ambiguous."""
    handing = False
    try:
        with contextlib.closing(_connect(mailbox, timeout)) as server:
            handing = True
            server.send_message(mail)
            with contextlib.suppress(smtplib.SMTPException, OSError):  # it has the mail; how it says goodbye is its own
                server.quit()
            return Outcome(result=Sending.SENT)
    except smtplib.SMTPRecipientsRefused as error:
        return _answered(*next(iter(error.recipients.values())))
    except smtplib.SMTPResponseException as error:
        return _answered(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        result = Sending.AMBIGUOUS if handing else Sending.RETRY
        return Outcome(result=result, why=f"the mail server cannot be reached or went silent: {error}")


def _answered(code: int, text: bytes | str) -> Outcome:
    """RFC 5321, 4.2.1: 4xx may pass later, 5xx will not."""
    said = text.decode("utf-8", errors="replace") if isinstance(text, bytes) else text
    result = Sending.REFUSED if 500 <= code < 600 and code != 535 else Sending.RETRY
    return Outcome(result=result, why=f"the mail server said {code} {said}"[:300])


def _connect(mailbox: Mailbox, timeout: float) -> smtplib.SMTP:
    """A connection, secured and logged in as the URL asks; closed again if that fails."""
    context = ssl.create_default_context()
    if not mailbox.verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if mailbox.mode == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mailbox.host, mailbox.port, timeout=timeout, context=context)
    else:
        server = smtplib.SMTP(mailbox.host, mailbox.port, timeout=timeout)
    with contextlib.ExitStack() as undo:
        undo.callback(server.close)
        if mailbox.mode == "starttls":
            server.starttls(context=context)
        if mailbox.user and mailbox.password:
            server.login(mailbox.user, mailbox.password)
        undo.pop_all()
    return server
