"""The chats and services that apprise knows: one URL, one recipient, one outcome."""

import logging
from collections.abc import Callable, Sequence
from urllib.parse import quote

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat
from apprise.plugins.email.base import NotifyEmail
from apprise.result import AppriseResult, AppriseResultStatus

from bot.adapters.channels.mail import Mailbox, open_mail
from bot.core.render import html, plain_text, subject
from bot.model import Message, Outcome, Sending
from bot.settings import Delivering

Send = Callable[[str, Message, str], Outcome]
# apprise logs payloads and, for some services, secrets that stand in headers: its log stays inside its answers.
logging.getLogger("apprise").propagate = False
logging.getLogger("apprise").addHandler(logging.NullHandler())


class Unusable(Exception):  # noqa: N818 (told as a Problem of config.toml)
    """A channel's URL cannot be used; the text never holds the URL."""


def open_service(url: str, recipients: Sequence[str], settings: Delivering) -> Send:
    """The sender for a channel's URL; raises Unusable."""
    if recipients and "{recipient}" not in url:
        raise Unusable("recipients are listed, but the url has no {recipient} where an address belongs")
    if "{recipient}" in url and not recipients:
        raise Unusable("the url has {recipient}, but no recipients are listed")
    services = {address: _service(url, address, settings) for address in recipients or ("",)}

    def send(recipient: str, message: Message, delivery: str) -> Outcome:
        if recipient not in services:
            return Outcome(result=Sending.REFUSED, why="this recipient is no longer in config.toml")
        return services[recipient](message, delivery)

    return send


def _service(url: str, recipient: str, settings: Delivering) -> Callable[[Message, str], Outcome]:
    plugin = Apprise.instantiate(
        url.replace("{recipient}", quote(recipient, safe="@+")),
        asset=_asset(settings),
        suppress_exceptions=True,
    )
    if not isinstance(plugin, NotifyBase):
        raise Unusable("apprise does not understand the url; see the service's page in apprise's documentation")
    if len(plugin) > 1 or (isinstance(plugin, NotifyEmail) and (plugin.cc or plugin.bcc)):
        raise Unusable(
            "the url names several recipients, who would share one outcome and be told again after a partial failure;"
            " list them under recipients and write {recipient} in the url"
        )
    if isinstance(plugin, NotifyEmail):
        if not plugin.targets:
            raise Unusable(f"{recipient!r} is not a mail address" if recipient else "the url names no mail address")
        return open_mail(_mailbox(plugin), list_id=settings.list_id, timeout=settings.timeout_seconds)
    return lambda message, _delivery: _notify(plugin, message, settings)


def _asset(settings: Delivering) -> AppriseAsset:
    return AppriseAsset(app_id="Tocsin", app_desc="Tocsin", service_timeout=settings.timeout_seconds)


def _mailbox(plugin: NotifyEmail) -> Mailbox:
    """What apprise has read out of a mailto URL."""
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
        recipient=plugin.targets[0][1],
    )


def _notify(plugin: NotifyBase, message: Message, settings: Delivering) -> Outcome:
    """Hand the message to apprise, in the form the service likes, and read its answer."""
    rich_text = plugin.notify_format is NotifyFormat.HTML
    body = html(message) if rich_text else plain_text(message)
    courier = Apprise(asset=_asset(settings))
    courier.add(plugin)
    answer = courier.notify(
        body=_fit(body, plugin, rich_text=rich_text),
        title=subject(message),
        body_format=NotifyFormat.HTML if rich_text else NotifyFormat.TEXT,
    )
    return _outcome(answer)


def _fit(body: str, plugin: NotifyBase, *, rich_text: bool) -> str:
    """`body` within the service's limit, its last line (the link) kept; apprise refuses what is longer."""
    room = plugin.body_maxlen - plugin.title_maxlen if plugin.title_maxlen <= 0 else plugin.body_maxlen
    if rich_text or len(body) <= room:
        return body
    head, _, link = body.rpartition("\n\n")
    return head[: max(0, room - len(link) - 4)].rstrip() + " …\n\n" + link


def _outcome(answer: AppriseResult) -> Outcome:
    """What apprise says, without its URLs; a time-out may or may not have arrived."""
    why = "; ".join(line.message for result in answer.results for line in result.logs())[:300]
    if answer.status is AppriseResultStatus.SUCCESS:
        return Outcome(result=Sending.SENT)
    if answer.status is AppriseResultStatus.TIMEOUT:
        return Outcome(result=Sending.AMBIGUOUS, why=why or "no answer in time; it may have arrived")
    return Outcome(result=Sending.RETRY, why=why or "the service did not take it")
