"""Templates: the operator's own files that say how the messages of a channel look.

A file has up to three blocks; a part without one keeps its usual form, and a file without blocks is all text:

    {% block subject %}{{ rule }}: {{ title }}{% endblock %}
    {% block text %}{{ title }}
    {{ why }}
    {% for one in entries %}- {{ one.title }} {{ one.link }}
    {% endfor %}{{ link }}{% endblock %}
    {% block html %}<p>{{ marked }}</p><a href="{{ link }}">{{ host }}</a>{% endblock %}

Values are text, never templates: `{{ }}` in a release is shown as it stands. In HTML they are escaped; in text they
are harmless before they come in. The language is a small part of Jinja2 (bot/templating/sandbox.py), since a mistake
should be found when the file is read. The files are the operator's own and trusted with what they say, not with the
service: work and length are bounded, and a template that fails costs its form, never the alert.
"""

from bot.templating.reading import load_template
from bot.templating.template import Template, TemplateError

__all__ = ["Template", "TemplateError", "load_template"]
