"""What apprise knows: mail and Matrix rooms go to senders of our own, all the others through apprise itself."""

import logging
import re
from functools import partial

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat
from apprise.manager_plugins import NotificationManager
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.irc.base import NotifyIRC
from apprise.plugins.matrix.base import NotifyMatrix
from apprise.plugins.telegram import NotifyTelegram, TelegramMarkdownVersion
from apprise.result import AppriseResult, AppriseResultStatus

from bot.adapters.channels.sender import Sender, Setup, Unusable
from bot.adapters.channels.translating import is_encrypted, mail_of, matrix_of
from bot.core.render import Form
from bot.core.render.form import Markup, Units
from bot.model import Letter, Outcome, Sending
from bot.secrecy import Mask, secrets_in

# apprise logs payloads and, for some services, secrets that stand in headers: its log stays inside its answers, where
# only the lowest level says whether a request had left.
_LOG = logging.getLogger("apprise")
_LOG.propagate = False
_LOG.addHandler(logging.NullHandler())
_LOG.setLevel(logging.DEBUG)

_LOCAL = {
    "macosx": "it starts a program on this machine",
    "syslog": "it writes into this machine's log, which is nobody's channel; rsyslog writes into another's",
}
"""What acts on the machine itself. Desktops (dbus, gnome, windows …) do as well, but are disabled without a desktop."""
_FOR_PROGRAMS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms", "mqtt", "mqtts", "amqp", "amqps"})
"""Services that hand the text to a program, which gets it as it is."""
_SHORT = 400
"""Characters: a service that takes no more is written to as to a telephone."""
_PAUSE = 1.0
"""Seconds between two messages to a service of which apprise knows no limit; its own guess is 5.5."""
_AFTER = re.compile(
    r"[\w ]*Exception: .*(Read timed out|Connection aborted|Connection broken|IncompleteRead)", re.DOTALL
)
"""What apprise logs when the connection ends after the request has left: the service may have acted on it."""


def open_service(setup: Setup) -> Sender:
    """The sender for one recipient of a channel; raises Unusable."""
    if setup.scheme in _LOCAL:
        raise Unusable(f"{setup.scheme} cannot be a channel: {_LOCAL[setup.scheme]}")
    plugin = Apprise.instantiate(setup.url, asset=_asset(setup.delivering.timeout_seconds), suppress_exceptions=True)
    if not isinstance(plugin, NotifyBase):
        raise Unusable(_why_not(setup.scheme))
    _refuse(plugin)
    _refuse_old_markdown(plugin)
    if isinstance(plugin, NotifyEmail):
        return mail_of(plugin, setup)
    if isinstance(plugin, NotifyMatrix) and plugin.mode == "off" and not is_encrypted(plugin, setup.url):
        return matrix_of(plugin, setup)
    if plugin.request_rate_per_sec == NotifyBase.request_rate_per_sec:
        plugin.request_rate_per_sec = _PAUSE
    # apprise counts its pause as a part of the try: a time-out in it would pass for a lost answer
    plugin.asset = _asset(setup.delivering.timeout_seconds + plugin.request_rate_per_sec)
    form = form_of(plugin, setup)
    return Sender(form=form, send=lambda _, letter: _notify(plugin, form, letter, setup))


def _asset(seconds: float) -> AppriseAsset:
    """How apprise is to work: in our name, without its own pictures, and for so long at most."""
    return AppriseAsset(app_id="Tocsin", app_desc="Tocsin", image_url_mask=False, service_timeout=seconds)


def _why_not(scheme: str) -> str:
    """Why apprise makes nothing of a URL, as far as its scheme says."""
    known = NotificationManager()  # type: ignore[no-untyped-call]
    if scheme in known and not known[scheme].enabled:
        needs = known[scheme].requirements.get("packages_required")
        return f"{scheme} needs what is not installed here" + (f": {needs}" if isinstance(needs, str) else "")
    return "apprise does not understand the url; see the service's page in apprise's documentation"


def _refuse(plugin: NotifyBase) -> None:
    """Raise Unusable for what would make one outcome of several, or something else of a failure."""
    if plugin.optional or plugin.retry:
        raise Unusable("take optional and retry out of the url: Tocsin itself notices failures and tries again")
    if len(plugin) > 1 or (isinstance(plugin, NotifyEmail) and (plugin.cc or plugin.bcc)):
        raise Unusable(
            "the url names several recipients, who would share one outcome and be told again after a partial failure;"
            " list them under recipients and write {recipient} in the url"
        )


def _refuse_old_markdown(plugin: NotifyBase) -> None:
    """Raise Unusable for Telegram's first Markdown: it takes the _ of an address for markup, and knows no escape."""
    old = isinstance(plugin, NotifyTelegram) and plugin.markdown_ver == TelegramMarkdownVersion.ONE
    if old and plugin.resolve_format() is NotifyFormat.MARKDOWN:
        raise Unusable("format=markdown breaks addresses there: take it out of the url, or write mdv=2 as well")


def form_of(plugin: NotifyBase, setup: Setup) -> Form:
    """What a message may look like on a service, as apprise describes the service."""
    target, title = plugin.resolve_format(), max(0, plugin.title_maxlen)
    limit = plugin.body_maxlen - (title + 2 if plugin.overflow_amalgamate_title else 0)
    form = partial(Form, limit=limit, units=_units(plugin), title_limit=title, language=setup.channel.language)
    if limit <= _SHORT or 0 < plugin.body_max_line_count < 5:
        return form(kind="sms")
    if target is NotifyFormat.HTML:
        return form(kind="mail" if title else "html-chat", markup="html")
    markup: Markup = "markdown" if target is NotifyFormat.MARKDOWN else "text"
    return form(kind="webhook" if setup.scheme in _FOR_PROGRAMS else "chat", markup=markup)


def _units(plugin: NotifyBase) -> Units:
    """What a service counts; apprise counts characters everywhere."""
    if isinstance(plugin, NotifyTelegram):
        return "utf16"
    return "bytes" if isinstance(plugin, NotifyIRC) else "characters"  # RFC 1459, 2.3: lines of 512 bytes


def _notify(plugin: NotifyBase, form: Form, letter: Letter, setup: Setup) -> Outcome:
    """Hand the letter to apprise, in the format the service likes, and read its answer."""
    body, written_in = _body(letter, form)
    courier = Apprise(asset=plugin.asset)
    courier.add(plugin)
    answer = courier.notify(
        body=body,
        title=letter.rendered.subject[: form.title_limit],
        body_format=written_in,
        log_level=logging.DEBUG,
    )
    return _outcome(answer, setup.url)


def _body(letter: Letter, form: Form) -> tuple[str, NotifyFormat]:
    """What is handed over, never longer than the service takes: apprise would cut it, or the service refuse it."""
    text, html = letter.rendered.text, letter.rendered.html
    if form.markup == "html" and html and form.fits(html):
        return html, NotifyFormat.HTML
    if not form.fits(text):  # only because of one long line: an address, or what a template writes
        text = "\n".join(line for line in text.split("\n") if form.fits(line)) or text
    return _cut(text, form), NotifyFormat.MARKDOWN if form.markup == "markdown" else NotifyFormat.TEXT


def _cut(text: str, form: Form) -> str:
    """As much of the beginning of `text` as the service takes."""
    end = min(len(text), form.limit)
    while over := max(0, form.size(text[:end]) - form.limit):
        end -= max(1, over // 4)  # a character is at most four of the units
    return text[:end]


def _outcome(answer: AppriseResult, url: str) -> Outcome:
    """What apprise says, without what stands in its URL; without an answer from the service, it may have arrived."""
    logs = [line for result in answer.results for line in result.logs()]
    why = "; ".join(line.message for line in logs if line.level in {"WARNING", "ERROR", "CRITICAL"})
    pieces = {piece for piece in re.split(r"[/:@?&=]", url) if len(piece) >= 8}
    why = Mask(pieces | secrets_in(url))("".join(c if c.isprintable() else " " for c in why))
    if answer.status is AppriseResultStatus.SUCCESS:
        return Outcome(result=Sending.SENT)
    if answer.status is AppriseResultStatus.TIMEOUT or any(_AFTER.match(line.message) for line in logs):
        return Outcome(result=Sending.AMBIGUOUS, why=f"it may have arrived: no answer {why}".strip()[:300])
    return Outcome(result=Sending.RETRY, why=(why or "the service did not take it")[:300])
