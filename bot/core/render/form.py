"""The form that a channel asks for, and how many alerts go into one of its messages."""

from dataclasses import dataclass
from typing import Literal

from bot.core.render.phrases import Language

Kind = Literal["mail", "chat", "html-chat", "sms", "screen", "webhook"]
Markup = Literal["text", "html", "markdown"]
Units = Literal["characters", "utf16", "bytes"]
"""What a channel counts: characters, UTF-16 code units (Telegram), or bytes of UTF-8 (IRC)."""
MOST = 120
"""Alerts in one digest, however long it may be: some mail readers cut a page off at 102 KB."""
_ALERT_IN_CHAT = 300
_ALERT_IN_MAIL = 1500
"""Characters of one alert in a digest; in mails with their markup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a message may look like on a channel; lengths in its units."""

    kind: Kind
    """What is harmless and what is fitting there: a mail page, a few words, a card."""
    limit: int = 0
    """Of the text, and of the HTML with its markup; 0 for none."""
    units: Units = "characters"
    """What the limit is counted in; the title's is always in characters."""
    title_limit: int = 0
    """Of the subject; 0 if the channel shows no subject: then the text begins with the title."""
    markup: Markup = "text"
    """In what our own marks are written. Scraped text has none in any of them."""
    language: Language = "en"

    def size(self, text: str) -> int:
        """How much of the limit a text takes."""
        if self.units == "bytes":
            return len(text.encode(errors="replace"))
        return len(text) + (sum(c > "\uffff" for c in text) if self.units == "utf16" and not text.isascii() else 0)

    def fits(self, text: str) -> bool:
        """True if the channel takes a text of this length."""
        return self.limit <= 0 or self.size(text) <= self.limit

    @property
    def has_html(self) -> bool:
        """True if the channel takes HTML beside the text."""
        return self.markup == "html" or self.kind == "html-chat"


def room(form: Form) -> int:
    """How many alerts fit into one digest; at least 1."""
    if form.limit <= 0 or form.kind == "sms":  # a short message only counts them, and names the first
        return MOST
    share = _ALERT_IN_MAIL if form.kind == "mail" and form.has_html else _ALERT_IN_CHAT
    return min(MOST, max(1, form.limit // share))
