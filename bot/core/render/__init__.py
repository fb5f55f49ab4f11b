"""What a person reads: a match as a message, and a message in the form of its channel.

Scraped text enters here as a `Message` and leaves as a `Rendered` in which nothing of it acts as markup.
"""

from bot.core.render.building import EXCERPT, LEAD, message
from bot.core.render.form import Form, room
from bot.core.render.links import Link, web_link
from bot.core.render.neutral import cell, harmless
from bot.core.render.parts import also_told, facts, shows_excerpt, subject, why
from bot.core.render.phrases import Language, phrase
from bot.core.render.rendering import render

__all__ = [
    "EXCERPT",
    "LEAD",
    "Form",
    "Language",
    "Link",
    "also_told",
    "cell",
    "facts",
    "harmless",
    "message",
    "phrase",
    "render",
    "room",
    "shows_excerpt",
    "subject",
    "web_link",
    "why",
]
