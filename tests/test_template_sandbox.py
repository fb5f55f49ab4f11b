"""Nothing gets out of a template: it reads what it is given, and little is made out of little."""

import time
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest

from bot.templating import TemplateError
from bot.templating.template import _link_in
from tests.render.mine import Load, loader, problems
from tests.render.sampling import ALERT, CHATS, MAIL


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return loader(tmp_path)


ESCAPES = (
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ ''['__cl' ~ 'ass__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ ().__class__.__base__.__subclasses__() }}",
    "{{ title.__class__.__mro__[1].__subclasses__()[40]('/etc/passwd').read() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.text() }}",
    "{{ config }}",
    "{{ request.application }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ lipsum(9) }}",
    "{{ dict(a=1) }}",
    "{{ range(10) }}",
    "{{ loop }}",
    "{{ title.format }}",
    "{{ '{0.__class__}'.format(title) }}",
    "{{ '{0.__class__}'|format(title) }}",
    "{{ '%s' % title }}",
    "{{ title.encode() }}",
    "{{ phrases.items }}",
    "{{ phrases.update({'a': 1}) }}",
    "{{ entries.append(1) }}",
    "{{ words.count }}",
    "{{ [1].append(2) }}",
    "{{ {'a': 1} }}",
    "{{ entries|map(attribute='__class__')|list }}",
    "{{ entries|groupby('__class__') }}",
    "{{ entries|selectattr('__class__') }}",
    "{{ title|safe }}",
    "{{ title|xmlattr }}",
    "{{ title|urlize }}",
    "{{ title|tojson }}",
    "{{ title|pprint }}",
    "{{ entries|random }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import system %}",
    "{% extends '/etc/passwd' %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% call m() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% autoescape false %}{{ title }}{% endautoescape %}",
    "{% set x %}a{% endset %}{{ x.__class__ }}",
    "{% set ns.x = 1 %}",
    "{% with a = 1 %}{{ a }}{% endwith %}",
    "{% do title.x() %}",
    "{% for a in entries recursive %}{{ loop(a) }}{% endfor %}",
    "{% for a in [1] %}{{ loop.__class__ }}{% endfor %}",
    "{% for a in [1] %}{{ loop._iterable }}{% endfor %}",
    "{% for a in [1] %}{{ loop.cycle('a') }}{% endfor %}",
    "{% for a in [1] %}{{ loop.changed(a) }}{% endfor %}",
    "{{ ''|default(title.__class__) }}",
    "{{ marked.__html__() }}",
    "{{ marked.unescape() }}",
    "{{ (title is none).__class__ }}",
    "{{ 1 .__class__ }}",
    "{{ undefined_thing.__class__ }}",
    "{{ caller }}",
    "{{ varargs }}",
    "{{ super() }}",
    "{{ the budget }}",
)
BOMBS = (
    "{{ 'a' * 10**9 }}",
    "{{ 'a' * 999999999 }}",
    "{{ [1] * 999999999 }}",
    "{{ 9 ** 9 ** 9 ** 9 }}",
    "{{ 9999999 * 9999999 }}",
    "{{ '%099999999d' % 1 }}",
    "{{ 'a'.ljust(999999999) }}",
    "{{ 'a'|center(999999999) }}",
    "{{ 'a'|indent(999999999) }}",
    "{% for a in range(999999999) %}{% endfor %}",
    "{% for a in 'x'|list %}{% endfor %}",
    "{% set a = 'aaaaaaaaaaaaaaaaaaaa' %}" + "{% set a = a ~ a %}" * 60 + "{{ a|length }}",
    "{% set a = 'aaaaaaaaaaaaaaaaaaaa' %}" + "{% set a = [a, a]|join %}" * 60 + "{{ a|length }}",
    "{% set a = 'aaaaaaaaaaaaaaaaaaaa' %}" + "{% set a = a|replace('a', a) %}" * 60 + "{{ a|length }}",
    "{% set a = 'aaaaaaaaaaaaaaaaaaaa' %}" + "{% set a = a|replace('', a) %}" * 60 + "{{ a|length }}",
    "{% set a = [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1] %}"
    + "".join(f"{{% for a{n} in a %}}" for n in range(15))
    + "x"
    + "{% endfor %}" * 15,
    "{% set a = [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1] %}"
    + "".join(f"{{% for a{n} in a %}}" for n in range(12))
    + "{% if title == lead %}{% endif %}"
    + "{% endfor %}" * 12,
    *(
        "{% set a = ['x', 'x'] %}{% set b = ['x', 'x'] %}"
        + "{% set a = [a, a] %}{% set b = [b, b] %}" * 60
        + f"{{{{ {expression} }}}}"
        for expression in ("a == b", "a in [b]", "a is eq(b)", "a is in([b])", "a != b")
    ),
    "{% set a = ('x', 'x') %}" + "{% set a = (a, a) %}" * 60 + "{{ [a]|unique|length }}",
    "{% block html %}{% set a = ['x', 'x'] %}"
    + "{% set a = [a, a] %}" * 60
    + "{{ a|e|length }}{{ link }}{% endblock %}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ " + "not " * 4000 + "1 }}",
    "{{ 1" + " + 1" * 4000 + " }}",
    "{{ title" + "|trim" * 3500 + " }}",
    "{{ title" + ".a" * 5000 + " }}",
    "{% if 1 %}" * 900 + "{% endif %}" * 900,
    "{% for a in entries %}" * 25 + "{% endfor %}" * 25,
)


@pytest.mark.parametrize("source", ESCAPES)
def test_nothing_gets_out_of_the_sandbox(load: Load, source: str) -> None:
    for part in ("text", "html"):
        assert problems(load, f"{{% block {part} %}}{{{{ link }}}}{source}{{% endblock %}}")


@pytest.mark.parametrize("source", BOMBS, ids=range(len(BOMBS)))
def test_little_is_made_out_of_little(load: Load, source: str) -> None:
    began = time.perf_counter()
    assert problems(load, source if "block" in source else "{{ link }}" + source)
    assert time.perf_counter() - began < 5, "a bomb would go on for minutes, or end the process"


def test_negative_control_the_usual_environment_lets_them_through() -> None:
    usual = jinja2.Environment()  # noqa: S701 (what we do not use)
    assert "class" in usual.from_string(ESCAPES[0]).render()
    assert "class" in usual.from_string(ESCAPES[3]).render()
    assert len(usual.from_string("{{ 'a' * 10**6 }}").render()) == 10**6


def test_a_bomb_that_only_a_message_sets_off_fails_when_it_is_sent(load: Load) -> None:
    nested = "".join(f"{{% for a{n} in words %}}" for n in range(8)) + "{{ a0 }}" + "{% endfor %}" * 8 + "{{ link }}"
    template = load(nested)
    with pytest.raises(TemplateError, match=r"does too much|more than 65536"):
        template.render(replace(ALERT, words=tuple(map(str, range(60)))), MAIL)


@pytest.mark.parametrize(
    "expression",
    ["'zz' in lead", "lead ~ '' == lead", "lead[1:]", "lead[:1]", "lead is eq(lead)", "'zz' is in(lead)", "lead|e"],
)
def test_what_only_reads_is_paid_for_too(load: Load, expression: str) -> None:
    """4,000 characters, 1,600 times: the limit is met long before."""
    body = f"{{% for a in words %}}{{% for b in words %}}{{% set x = {expression} %}}{{% endfor %}}{{% endfor %}}"
    part = "html" if expression.endswith("|e") else "text"
    template = load(f"{{% block {part} %}}{body}{{{{ link }}}}{{% endblock %}}")
    told = replace(ALERT, lead="ab" * 2000, words=tuple(map(str, range(40))))
    with pytest.raises(TemplateError, match="does too much"):
        template.render(told, MAIL)
    template.render(replace(told, lead="ab"), MAIL)


def test_a_text_without_a_space_is_looked_through_once(load: Load) -> None:
    template = load("{{ title }}{{ link }}. {% for a in words %}{{ lead }}{% endfor %}")
    told = replace(ALERT, title="x:", lead="a" * 1500, words=tuple(map(str, range(40))), url="https://a.example/")
    assert template.render(told, replace(CHATS[0], limit=30_000)).text.endswith("…\nx:https://a.example/.")
    long = "a" * 3_000_000  # looked through from each of its signs anew, this would take hours
    assert _link_in(f"{long} x:https://a.example/. {long}", "https://a.example/") == "x:https://a.example/."
