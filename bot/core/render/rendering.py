"""A message in the form of its channel."""

from bot.core.render.alert import alert_text
from bot.core.render.cutting import MORE
from bot.core.render.dialects import HTML, Dialect, text_dialect
from bot.core.render.digest import digest_text
from bot.core.render.form import Form
from bot.core.render.neutral import harmless
from bot.core.render.page import page
from bot.core.render.parts import subject
from bot.model import Message, Reason, Rendered

_PLAIN_SIGNS = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "…": ".", "·": "-", "–": "-", "—": "-"})
"""For short messages: one sign outside of their alphabet (3GPP TS 23.038) makes every letter cost double."""


def render(message: Message, form: Form, *, may_repeat: bool = False) -> Rendered:
    """Subject, text and HTML within the channel's room; the link is never cut.

    Only a link that is longer than the room makes the text longer: then it stands first, and the text says so.
    `may_repeat` tells the reader that an earlier try may have arrived.
    """
    clean = harmless(message)
    dialect = text_dialect(form)
    told = dialect.plain(subject(clean, form.language, limit=form.title_limit))
    text = _written(clean, form, dialect, may_repeat=may_repeat)
    if form.kind == "sms":
        told, text = (_in_plain_signs(one) for one in (told, text))
    return Rendered(subject=told, text=text, html=_html(clean, form, may_repeat=may_repeat))


def _in_plain_signs(text: str) -> str:
    return text.replace(MORE, "..").replace("… ", "..").translate(_PLAIN_SIGNS)


def _written(message: Message, form: Form, dialect: Dialect, *, may_repeat: bool) -> str:
    write = digest_text if message.reason is Reason.DIGEST and message.entries else alert_text
    return write(message, form, dialect, may_repeat=may_repeat)


def _html(message: Message, form: Form, *, may_repeat: bool) -> str:
    """A page for a mail, some elements for a chat; nothing where the channel takes none, or not so much."""
    if not form.has_html:
        return ""
    if form.kind != "mail":
        return _written(message, form, HTML, may_repeat=may_repeat)
    whole = page(message, form.language, may_repeat=may_repeat)
    return whole if form.fits(whole) else ""
