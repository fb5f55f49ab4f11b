"""Where values may stand in the HTML of a template: where escapes hold, and links alone where something leads."""

from pathlib import Path

import pytest

from bot.core.render import render
from tests.render.mine import Load, loader, problems
from tests.render.sampling import ALERT, MAIL


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return loader(tmp_path)


@pytest.mark.parametrize(
    ("html", "what"),
    [
        ("<a title={{ title }}>", "stands between quotes"),
        ("<a title= {{ title }}>", "stands between quotes"),
        ("<a title=x{{ title }}>", "stands between quotes"),
        ("<a {{ title }}>", "stands between quotes"),
        ("<{{ title }}>", "stands between quotes"),
        ("<a class='x' {% if rule %}title={% endif %}{{ title }}>", "stands between quotes"),
        ('<a href="{{ title }}">', "only link or url"),
        ('<a href="{{ title }}{{ link }}">', "only link or url"),
        ("<a HREF='{{ why if 1 else link }}'>", "only link or url"),
        ('<img src="{{ excerpt }}">', "only link or url"),
        ('<a href="{% for one in entries %}{{ one.title }}{% endfor %}">', "only link or url"),
        ('<a href="{{ link ~ title }}">', "only link or url"),
        ("{% set link = title %}<p>", "cannot be given another value"),
        ("{% for url in words %}<a href='{{ url }}'>x</a>{% endfor %}", "cannot be given another value"),
        ("<p onclick=\"f('{{ title }}')\">", "escapes do not hold"),
        ('<p style="color:{{ title }}">', "escapes do not hold"),
        ("<script>var a = '{{ title }}'</script>", "escapes do not hold"),
        ("<style>p{content:'{{ title }}'}</style>", "escapes do not hold"),
        ("<a " + "".join(f"{{% if rule == '{n}' %}}a{n}{{% endif %}}" for n in range(99)) + ">", "too many ways"),
    ],
)
def test_values_stand_in_html_only_where_escapes_hold(load: Load, html: str, what: str) -> None:
    found = problems(load, f"{{% block html %}}\n{html}{{{{ link }}}}{{% endblock %}}")
    assert any(what in one.what and one.line == 2 for one in found), found


@pytest.mark.parametrize(
    "html",
    [
        "<p title=\"{{ title }}\" lang='{{ language }}' hidden>{{ title }} < {{ why }} <= 5</p>",
        '<a href="{{ link if link else \'https://x.example\' }}" title = "{{ title }}">{{ title }}</a>',
        "{% for one in entries %}<a href='{{ one.link|e }}'>{{ one.host }}</a><br/>{% endfor %}",
        "<!-- a 'b {{ title }} -->{{ title }}<script>if (a < b) { x = '<p title=' }</script>{{ title }}",
        "<!doctype html><html><style>p{a:b}</style></html><b class=x>{{ title }}</b>",
        '<p class="{% if rule %}a{% else %}b{% endif %}">{{ title }}</p>',
    ],
)
def test_negative_control_values_in_texts_and_between_quotes_pass(load: Load, html: str) -> None:
    rendered = load(f"{{% block html %}}{html}{{{{ link }}}}{{% endblock %}}").render(ALERT, MAIL)
    assert rendered.html != render(ALERT, MAIL).html
