"""Messages and forms for the tests of what people read."""

from dataclasses import replace

from bot.core.render import Form
from bot.model import Message, Reason

ALERT = Message(
    reason=Reason.NEW,
    title="KTC recommends anti-dumping duties of 11.24-17.50% on Chinese and Vietnamese steel plate",
    rule="Anti-dumping on steel",
    words=("anti-dumping duties", "steel plate"),
    excerpt="The commission recommended anti-dumping duties on steel plate for five years.",
    marks=((27, 46), (50, 61)),
    lead="The commission met on Monday. It was the 467th meeting. The next one is in December.",
    source="Trade ministry",
    published="2026-11-02",
    categories=("Trade/Investment",),
    url="https://press.example/eng/article/2471/view?page=1&board=2",
    story="s1",
    release="r1",
)
UPDATE = replace(
    ALERT,
    reason=Reason.UPDATE,
    changes=(("The duty on plate is 11.24%.", "The duty on plate is 12.14%."), ("", "It takes effect in December.")),
)
KOREAN = replace(
    ALERT,
    title="무역위원회, 중국·베트남산 후판에 덤핑방지관세 부과 건의",
    rule="철강 반덤핑",
    words=("덤핑방지관세",),
    excerpt="무역위는 향후 5년간 덤핑방지관세 부과를 건의하기로 하였다.",
    marks=((12, 18),),
    lead="산업통상부 무역위원회는 제467차 회의를 개최하였다.",
    source="산업통상부",
    story="s2",
    release="r2",
)
TARIFF = replace(
    ALERT, title="The tariff on copper rises", rule="Tariffs", words=("tariff",), excerpt="", marks=(), story="s3"
)
TROUBLE = Message(reason=Reason.TROUBLE, title="kr/press: broken", lead="Nothing for 3 hours.\nThe host says 503.")

MAIL = Form(kind="mail", title_limit=180, markup="html")
CHATS = (
    Form(kind="chat", limit=380),
    Form(kind="chat", limit=1000, title_limit=250),
    Form(kind="chat", limit=2000, markup="markdown"),
    Form(kind="chat", limit=2000, title_limit=250, markup="markdown", language="ko"),
)
TELEGRAM = Form(kind="html-chat", limit=4096, markup="html")
SMS = Form(kind="sms", limit=160)
FORMS = (
    MAIL,
    Form(kind="mail", limit=32_768, title_limit=250, markup="html", language="ko"),
    Form(kind="mail", title_limit=180),
    *CHATS,
    Form(kind="chat"),
    TELEGRAM,
    Form(kind="html-chat", limit=6000, markup="html", language="ko"),
    Form(kind="screen"),
    Form(kind="webhook", title_limit=250),
)
"""All but short messages."""


def digest(*entries: Message, held: str = "cadence") -> Message:
    return Message(reason=Reason.DIGEST, title="", entries=entries, held=held)


def many(count: int, *, url: int = 110, title: int = 120) -> Message:
    """A digest of so many alerts, each of its own story, with addresses and titles of some length."""
    return digest(
        *(
            replace(
                ALERT,
                title=f"Release {number} on " + "steel plate and sheet " * (title // 22),
                url=f"https://press.example/{number}/".ljust(url, "x"),
                story=f"s{number}",
                release=f"r{number}",
            )
            for number in range(count)
        )
    )
