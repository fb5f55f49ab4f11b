"""Templates: the operator's files, read strictly, bounded in what they do, and never fed with scraped text."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest

from bot.core.render import Form, render
from bot.core.render.neutral import unlinked
from bot.errors import ConfigError
from bot.model import Message, Reason
from bot.templating import TemplateError, load_template
from tests.render.checking import PAGE, SNIPPET, active_in_chat, active_in_html, unseen
from tests.render.mine import Load, loader, problems
from tests.render.payloads import ALL, FORMATS
from tests.render.sampling import ALERT, CHATS, FORMS, KOREAN, MAIL, SMS, TARIFF, TELEGRAM, TROUBLE, UPDATE, digest

WHOLE = """
{% block subject %}{{ label }} {{ rule }}: {{ title|cut(60) }}{% endblock %}
{% block text %}
{{ title }}
{{ phrases.contents }} {{ language }} {{ why }}
{% for one in entries %}
{{ loop.index }}/{{ loop.length }} {{ one.title }} {{ one.link }}
{% endfor %}
{% for change in changes if change.before %}
{{ change.before }} > {{ change.after|default("nothing") }}
{% endfor %}
{{ words|join(", ")|upper }}{{ " (" ~ source ~ ")" if source else "" }}
{{ link }}
{% endblock %}
{% block html %}<h1>{{ headline }}</h1><p>{{ marked }}</p>
{% if link %}<a href="{{ link }}">{{ host }}</a>{% endif %}{% endblock %}
"""


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return loader(tmp_path)


def test_a_template_says_how_each_part_looks(load: Load) -> None:
    rendered = load(WHOLE).render(UPDATE, MAIL)
    assert rendered.subject == "Update Anti-dumping on steel: KTC recommends anti-dumping duties of 11.24-17.50% on …"
    assert rendered.text.startswith(UPDATE.title)
    assert "The duty on plate is 11.24%. > The duty on plate is 12.14%." in rendered.text
    assert "ANTI-DUMPING DUTIES, STEEL PLATE (Trade ministry)" in rendered.text
    assert "<b>steel plate</b>" in rendered.html
    assert f'<a href="{UPDATE.url.replace("&", "&amp;")}">press.example</a>' in rendered.html


def test_a_template_reads_digests_and_notices(load: Load) -> None:
    template = load(WHOLE)
    text = template.render(digest(ALERT, TARIFF, KOREAN), replace(MAIL, language="ko")).text
    assert text.startswith("알림 3건:")
    assert "목차 ko" in text
    assert f"2/3 {TARIFF.title} {TARIFF.url}" in text
    assert template.render(TROUBLE, MAIL).subject == "Trouble : kr/press: broken"


def test_a_part_that_is_missing_or_empty_has_its_usual_form(load: Load) -> None:
    usual = render(ALERT, MAIL)
    only_subject = load("{% block subject %}Steel: {{ title }}{% endblock %}").render(ALERT, MAIL)
    assert (only_subject.text, only_subject.html) == (usual.text, usual.html)
    assert only_subject.subject == f"Steel: {ALERT.title}"
    silent = load("{% block text %}{% if reason == 'update' %}changed{% elif url == '-' %}-{% endif %}{% endblock %}")
    assert silent.render(ALERT, MAIL) == usual
    assert silent.render(UPDATE, MAIL).text == "changed"


def test_a_file_without_blocks_is_all_text(load: Load) -> None:
    template = load("{{ rule }}: {{ title }}\n{{ link }}")
    assert template.render(TARIFF, SMS).text == f"Tariffs: {TARIFF.title}\n{TARIFF.url}"
    in_telegram = template.render(replace(TARIFF, title="a <b> c"), TELEGRAM)
    assert in_telegram.html.startswith("Tariffs: a ＜b＞ c<br>https://"), "a chat that takes HTML shows the text too"


def test_the_shipped_form_is_used_only_for_html_that_the_channel_takes(load: Load) -> None:
    assert load(WHOLE).render(ALERT, Form(kind="screen")).html == ""


# --- within the room ----------------------------------------------------------------------------------------------


def test_a_text_is_cut_at_a_sentence_and_its_link_kept(load: Load) -> None:
    template = load("{{ title }}. {{ lead }} {{ link }}")
    told = replace(ALERT, title="Steel", lead="A whole sentence stands here. " * 60)
    text = template.render(told, CHATS[0]).text
    assert len(text) <= 380
    assert text.endswith(f"stands here. …\n{ALERT.url}")


def test_what_cannot_be_cut_fails_and_the_usual_form_takes_its_place(load: Load) -> None:
    template = load(WHOLE)
    for message, form in (
        (digest(*[ALERT] * 9), CHATS[0]),
        (replace(ALERT, excerpt="long " * 300), Form(kind="html-chat", limit=500, markup="html")),
        (replace(ALERT, url="https://press.example/" + "x" * 300), SMS),
    ):
        with pytest.raises(TemplateError, match=r"mine\.j2: block \w+: .*longer than the channel takes"):
            template.render(message, form)


def test_a_subject_is_one_line_within_its_room(load: Load) -> None:
    template = load("{% block subject %}{{ title }}\n\n{{ lead }}{% endblock %}")
    subject = template.render(ALERT, CHATS[1]).subject
    assert "\n" not in subject
    assert len(subject) <= 180


def test_a_template_that_writes_too_much_fails(load: Load) -> None:
    template = load("{% block text %}" + "{{ lead }}" * 700 + "{{ link }}{% endblock %}")
    with pytest.raises(TemplateError, match="more than 65536 characters"):
        template.render(replace(ALERT, lead="x" * 100), MAIL)


def test_what_may_be_a_repeat_says_so_whatever_the_template_says(load: Load) -> None:
    said = "This may be a repeat: the first try got no clear answer."
    forgetful, mindful = (
        load("{{ title }} {{ link }}"),
        load("{{ title }}{% if repeat %}\n{{ repeat }}{% endif %}{{ url }}"),
    )
    for template in (forgetful, mindful):
        assert template.render(ALERT, CHATS[2], may_repeat=True).text.count(said) == 1
        assert said not in template.render(ALERT, CHATS[2]).text
    page = load("{% block html %}<html><body class='x'><p>{{ title }}</p>{{ link }}</body></html>{% endblock %}")
    assert f"<body class='x'>{said}<br><p>" in page.render(ALERT, MAIL, may_repeat=True).html


# --- what is wrong in a file --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        ("{{ title }}\n{{ titel }}", 2, "there is no value 'titel'"),
        ("{{ title }}\n\n{% for one in entries %}\n{{ one.titel }}{% endfor %}", 4, "has no attribute 'titel'"),
        ("{{ title", 1, "unexpected end of template"),
        ("\n{% if title %}", 2, "Unexpected end of template"),
        ("\n\n{{ title|shout }}", 3, "No filter named 'shout'"),
        ("{{ title is nice }}", 1, "No test named 'nice'"),
        ("a {% block text %}x{% endblock %}", 1, "outside of the blocks"),
        ("{{ title }}{% block text %}x{% endblock %}", 1, "outside of the blocks"),
        ("{% block body %}x{% endblock %}", 1, "there is no part 'body'"),
        ("{% block text %}\n{% block html %}x{% endblock %}{% endblock %}", 2, "inside a block"),
        ("{% block text %}x{% endblock %}{% block text %}y{% endblock %}", 1, "there is a block text already"),
        ("{% for c in title %}{{ c }}{% endfor %}", 1, "a loop goes over a list"),
        ("{{ entries }}", 1, "only texts and numbers"),
        ("{{ title|join }}", 1, "join is for lists"),
        ("\n{{ title + rule }}", 2, "+ is for small numbers only"),
        ("{{ entries[0].title }}", 1, "no element 0"),
        ("{{ title }}\n{{ " + "9" * 9000 + " }}", 2, "a number that is too long"),
        ("{{ title }}\n{{ 0x" + "f" * 9000 + " }}", 2, "a number that is too long"),
        ("{{ title }}", 1, "the text has no link"),
        ("{% block text %}{{ title }}{% endblock %}", 1, "the text has no link"),
        ("\n{% block html %}{% endblock %}", 2, "the html has no link"),
        ("", 1, "is empty"),
        (" \n\n", 1, "is empty"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(load: Load, source: str, line: int, what: str) -> None:
    [found, *_] = problems(load, source)
    assert found.file.endswith("mine.j2")
    assert found.line == line
    assert what in found.what
    assert str(found).startswith(f"{found.file}:{line}:")


def test_everything_wrong_is_told_at_once(load: Load) -> None:
    found = problems(load, "{% block subject %}{{ titel }}{% endblock %}\n{% block text %}{{ range(9) }}{% endblock %}")
    assert {one.line for one in found} == {1, 2}


def test_a_mistake_in_a_rare_branch_is_found_when_the_file_is_read(load: Load) -> None:
    for reason in Reason:
        assert problems(load, f"{{% if reason == '{reason}' %}}{{{{ title.nothing }}}}{{% endif %}}")
    assert problems(load, "{% for one in changes %}{{ one.was }}{% endfor %}")
    assert problems(load, "{% block html %}{% if repeat %}{{ phrases.nothing }}{% endif %}{% endblock %}")


def test_a_file_that_is_missing_too_large_or_not_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.j2"
    for content, what in (
        (None, "cannot be read: No such file"),
        (b"x" * 20_001, "has 20001 bytes"),
        (b"one\n\xff", "is not UTF-8"),
    ):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ConfigError, match=what):
            load_template(file)


# --- scraped text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [MAIL, CHATS[2], TELEGRAM], ids=lambda form: form.kind)
def test_scraped_text_is_never_a_template_and_never_markup(load: Load, form: Form) -> None:
    show = "{{ link }} {{ title }} {{ rule }} {{ why }} {{ facts }} {{ lead }} {{ words|join(' ') }} {{ also|join(' ') }} {{ marked }} "
    show += "{% for one in entries %}{{ one.title }} {{ one.marked }} {% endfor %}{% for c in changes %} {{ c.after }}{% endfor %}"
    html = show.replace("{{ link }}", '{% if link %}<a href="{{ link }}">{{ link }}</a>{% endif %}')
    template = load(f"{{% block text %}}{show}{{% endblock %}}{{% block html %}}<p>{html}</p>{{% endblock %}}")
    for text in ALL:
        told = Message(
            reason=Reason.UPDATE,
            title=text,
            rule=text,
            words=(text,),
            excerpt=text,
            marks=((0, 2),),
            lead=text,
            source=text,
            also=(text,),
            changes=(("", text),),
            url="https://press.example/",
        )
        for message in (told, digest(told)):
            rendered = template.render(message, form)
            assert not unseen(rendered.text)
            if form.kind in {"chat", "html-chat"}:
                assert not active_in_chat(rendered.text, "https://press.example/"), text
            if form.has_html:
                assert not active_in_html(rendered.html, {**PAGE, **SNIPPET, "p": set()}), text


def test_placeholders_in_scraped_text_are_shown_and_not_read(load: Load) -> None:
    template = load(
        "{{ title }}|{{ title|replace('x', title) }}|{{ title ~ title }}|{{ title|default('') }}|{{ link }}"
    )
    for text in (*FORMATS, "{{7*7}}"):
        assert template.render(replace(ALERT, title=text), MAIL).text.startswith(f"{unlinked(text)}|")
    assert "49" not in template.render(replace(ALERT, title="{{7*7}} ${7*7} #{7*7}"), MAIL).text


def test_negative_control_text_that_is_put_into_the_source_is_read(load: Load) -> None:
    assert jinja2.Environment().from_string(f"Alert: {'{{7*7}}'}").render() == "Alert: 49"  # noqa: S701
    assert problems(load, "Alert: {{7*7}}"), "and the sandbox would refuse even that"


def test_markup_in_a_template_is_its_own_and_in_values_is_escaped(load: Load) -> None:
    template = load(
        "{% block html %}<i title=\"{{ title }}\">{{ '<b>' ~ title ~ marked }}{{ title|upper }}</i>{{ link if 0 }}{% endblock %}"
    )
    html = template.render(replace(ALERT, title='"><script>', excerpt="<u>", marks=()), MAIL).html
    assert (
        html
        == '<i title="&#34;&gt;&lt;script&gt;">&lt;b&gt;&#34;&gt;&lt;script&gt;&lt;u&gt;&#34;&gt;&lt;SCRIPT&gt;</i>'
    )


def test_a_link_of_a_template_is_one_to_the_web_or_nothing(load: Load) -> None:
    template = load('{% block html %}<a href="{{ url }}">{{ link }}</a>{% endblock %}')
    assert template.render(replace(ALERT, url="javascript:alert(1)"), MAIL).html == '<a href=""></a>'


def test_a_link_in_a_chat_calls_nobody_in_either_part(load: Load) -> None:
    rendered = load('{% block text %}{{ link }}{% endblock %}{% block html %}<a href="{{ link }}">x</a>{% endblock %}')
    told = rendered.render(replace(ALERT, url="https://matrix.to/#/@alice:x.example"), TELEGRAM)
    assert "%40alice" in told.text
    assert "%40alice" in told.html


def test_one_template_serves_many_threads(load: Load) -> None:
    template = load(WHOLE)
    messages = [replace(ALERT, title=f"Title {number}") for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda message: template.render(message, CHATS[2]).text, messages))
    assert [text.split("\n")[0] for text in texts] == [message.title for message in messages]


def test_the_example_of_the_documentation_works_on_every_form(load: Load) -> None:
    import bot.templating as documented

    example = (documented.__doc__ or "").split("\n\n")[2]
    template = load("\n".join(line.removeprefix("    ") for line in example.split("\n")))
    for form in (*FORMS, SMS):
        for message in (ALERT, UPDATE, TROUBLE):
            rendered = template.render(message, form)
            assert form.limit == 0 or len(rendered.text) <= form.limit
