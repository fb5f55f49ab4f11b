"""What apprise reads out of mail and Matrix URLs, for the senders of our own."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from apprise import NotifyFormat
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.matrix.base import NotifyMatrix
from apprise.plugins.matrix.e2ee import MATRIX_E2EE_SUPPORT
from apprise.utils.parse import parse_bool

from bot.adapters.channels.mail import SUBJECT, Mailbox, open_mail
from bot.adapters.channels.matrix import Account, open_matrix
from bot.adapters.channels.sender import Sender, Setup, Unusable
from bot.core.render import Form
from bot.model import digest

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_EVENT = 6_000
"""Characters of a Matrix message: with its HTML, three bytes for each, it fits into an event."""


def mail_of(plugin: NotifyEmail, setup: Setup) -> Sender:
    """The sender of a mailto URL; raises Unusable."""
    if not plugin.targets:
        named = setup.recipient
        raise Unusable(f"{named!r} is not a mail address" if named else "the url names no mail address")
    if plugin.pgp_mode != "no":
        raise Unusable("mails are neither signed nor encrypted; take pgp out of the url")
    if not all(re.fullmatch(r"[!-9;-~]+", name) for name in plugin.headers):
        raise Unusable("a header's name in the url has letters that it cannot have")
    plain = plugin.resolve_format() is NotifyFormat.TEXT
    form = Form(kind="mail", title_limit=SUBJECT, markup="text" if plain else "html", language=setup.channel.language)
    post = open_mail(_mailbox(plugin, setup), timeout=setup.delivering.timeout_seconds, now=setup.now)
    return Sender(form=form, send=lambda _, letter: post(letter), knows_repeats=True)


def _mailbox(plugin: NotifyEmail, setup: Setup) -> Mailbox:
    """What apprise has read out of a mailto URL, and what config.toml says beside it."""
    name, address = plugin.from_addr
    mode = plugin.secure_mode or "insecure"
    return Mailbox(
        host=plugin.smtp_host,
        port=plugin.port or {"ssl": 465, "starttls": 587}.get(mode, 25),
        mode=mode,
        user=plugin.user or "",
        password=plugin.password or "",
        verify=plugin.verify_certificate,
        sender=(str(name or "Tocsin"), str(address)),
        recipient=_recipient(plugin, setup),
        reply_to=tuple(sorted(plugin.reply_to)),
        headers=dict(plugin.headers),
        list_id=setup.delivering.list_id,
        unsubscribe=setup.channel.unsubscribe,
        language=setup.channel.language,
    )


def _recipient(plugin: NotifyEmail, setup: Setup) -> str:
    """The address to which a mail goes, which must be the one that was written.

    apprise reads `o'brien@example.org` as `brien@example.org`: somebody else's address.
    """
    read, given = plugin.targets[0][1], setup.recipient.strip()
    if given:
        if given == read or given.endswith(f"<{read}>"):
            return str(read)
        if _ADDRESS.fullmatch(given):
            return given
        raise Unusable(f"{given!r} is not a mail address that can be used")
    if read != plugin.from_addr[1] and not re.search(rf"[=/<,;\s]{re.escape(read)}", unquote(setup.url)):
        raise Unusable("the mail address in the url cannot be used there; write {recipient}, and it under recipients")
    return str(read)


def is_encrypted(plugin: NotifyMatrix, url: str) -> bool:
    """True if the URL asks for encryption, which apprise has and we have not; its webhooks are left to it as well."""
    asked = parse_qs(urlsplit(url).query)
    told = [value for key in ("e2ee", "autoverify") for value in asked.get(key, ())]
    if not any(parse_bool(value) for value in told):  # type: ignore[no-untyped-call]
        return False
    if not MATRIX_E2EE_SUPPORT or not plugin.secure:
        raise Unusable("end-to-end encryption needs matrixs:// and the package cryptography")
    return True


def matrix_of(plugin: NotifyMatrix, setup: Setup) -> Sender:
    """The sender of a Matrix URL; raises Unusable."""
    if not plugin.rooms:
        raise Unusable("the url names no room" if not plugin.users else "write to a room (#… or !…), not to a person")
    if not plugin.password:
        raise Unusable("the url has neither a user with a password nor an access token")
    form = Form(kind="html-chat", limit=_EVENT, markup="html", language=setup.channel.language)
    post = open_matrix(_account(plugin, setup), timeout=setup.delivering.timeout_seconds, now=setup.now)
    return Sender(form=form, send=lambda _, letter: post(letter), knows_repeats=True)


def _account(plugin: NotifyMatrix, setup: Setup) -> Account:
    """What apprise has read out of a Matrix URL; a port says already where the server is."""
    place = f"[{plugin.host}]" if ":" in plugin.host else plugin.host
    return Account(
        server=("https://" if plugin.secure else "http://") + place + (f":{plugin.port}" if plugin.port else ""),
        user=plugin.user or "",
        password=str(plugin.password),
        room=plugin.rooms[0].strip(),
        device="TOCSIN" + digest(setup.name, setup.recipient)[:10].upper(),
        discover=bool(plugin.secure and plugin.discovery and not plugin.port),
        verify=plugin.verify_certificate,
        version="r0" if plugin.version == "2" else "v3",
        kind=f"m.{plugin.msgtype}",
        bare_ids=not plugin.hsreq,
    )
