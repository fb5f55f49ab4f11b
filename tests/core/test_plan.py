from dataclasses import replace
from datetime import date

from bot.core.normalise import normalise
from bot.core.plan import decide
from bot.core.promising import Audience
from bot.core.rules.rule import Rule, RuleSet
from bot.model import Decision, Filed, Key, Poll, Polled, Reason, Related, Relation, Release
from scrapers.model import Draft
from tests.fakes import SOURCE, START, rule

POLL = Poll(source="demo/press", at=START, result=Polled.OK)
CHANNELS = {"me": ("",), "desk": ("a@example.org", "b@example.org")}


def release(number: str, title: str = "Tariff talks", body: str = "", **changes: object) -> Release:
    made = normalise(Draft(id=number, title=title, body=body, published="2026-11-02"), SOURCE, now=START)
    return replace(made, **changes)  # type: ignore[arg-type]


def decided(
    *releases: Release, stored: tuple[Filed, ...] = (), rules: tuple[Rule, ...] = (), poll: Poll = POLL
) -> Decision:
    return decide(
        releases,
        related=Related(filed=stored),
        audience=Audience(rules=RuleSet(rules or (rule(),)), channels=CHANNELS),
        poll=poll,
    )


def test_a_match_is_promised_once_to_each_recipient() -> None:
    decision = decided(release("1"), rules=(rule(to=["me", "desk"]),))
    assert [(one.channel, one.recipient) for one in decision.deliveries] == [
        ("me", ""),
        ("desk", "a@example.org"),
        ("desk", "b@example.org"),
    ]
    assert len({one.id for one in decision.deliveries}) == 3


def test_a_baseline_is_silent_but_its_matches_are_kept() -> None:
    decision = decided(release("1"), poll=replace(POLL, baseline=True))
    assert not decision.deliveries
    assert len(decision.matches) == 1


TWICE = (
    release("1", title="Korea-Chile tariff talks", body="Minister Ahn met his colleague of Chile on tariffs in Busan."),
    release("2", title="Korea-Chile tariff talks", body="Four officials of both sides sit at one table by the sea."),
)
"""Two captions of one event, as the ministry posts them."""


def test_a_repeat_in_the_same_batch_is_folded_and_not_told() -> None:
    decision = decided(*TWICE)
    assert [one.relation for one in decision.filed] == [Relation.DIFFERENT, Relation.SAME_STORY]
    assert len({one.story for one in decision.filed}) == 1
    assert len(decision.deliveries) == 1


def test_a_folded_release_is_told_to_rules_that_the_first_one_did_not_meet() -> None:
    rules = (rule(), rule("steel", any=["steel"]))
    on_steel = replace(TWICE[1], body=f"{TWICE[1].body} They spoke of steel.")
    decision = decided(TWICE[0], on_steel, rules=rules)
    assert [one.rule for one in decision.deliveries] == ["tariffs", "steel"]


def test_rules_that_ask_for_every_release_get_each_text_but_no_duplicate_of_one() -> None:
    twins = TWICE
    copy = replace(twins[0], key=Key("other/list", "2", "77"))
    decision = decided(*twins, copy, rules=(rule(alert="every"),))
    assert [one.release for one in decision.deliveries] == [twins[0].id, twins[1].id]
    assert decision.filed[2].relation is Relation.DUPLICATE


def test_planning_again_promises_the_same() -> None:
    one, other = decided(release("1")), decided(release("1"))
    assert [a.id for a in one.deliveries] == [b.id for b in other.deliveries]


def filed(one: Release, *rules: str) -> Filed:
    return Filed(release=one, story=one.id, rules=frozenset(rules))


def test_changed_figures_are_an_update_for_those_who_were_told() -> None:
    old, new = release("1", body="A tariff of 10%."), release("1", body="A tariff of 15%.")
    decision = decided(new, stored=(filed(old, "tariffs"),))
    assert [one.reason for one in decision.deliveries] == [Reason.UPDATE]
    assert decision.revised[0].revision == 2
    assert decision.replaced[0].body == "A tariff of 10%."


def test_a_change_without_figures_is_silent() -> None:
    old, new = release("1", body="A tarif on steel."), release("1", body="A tariff on steel.")
    decision = decided(new, stored=(filed(old, "tariffs"),))
    assert not decision.deliveries
    assert len(decision.replaced) == 1


def test_a_changed_text_that_meets_a_rule_for_the_first_time_is_news() -> None:
    old, new = release("1", title="Talks", body="On trade 1."), release("1", title="Talks", body="On tariffs 2.")
    decision = decided(new, stored=(filed(old),))
    assert [one.reason for one in decision.deliveries] == [Reason.NEW]


def test_the_same_text_again_changes_nothing_but_the_glimpse() -> None:
    old = release("1")
    decision = decided(replace(old, glimpse="moved"), stored=(filed(old, "tariffs"),))
    assert not decision.deliveries
    assert not decision.replaced
    assert not decision.matches
    assert decision.revised[0].release.glimpse == "moved"


def test_a_topic_list_gives_its_category_to_the_same_press_release() -> None:
    rules = (rule("trade", any=["talks"], categories=["Trade"]),)
    press = release("1", body="The whole text on steel.")
    topic = replace(press, key=Key("demo/topics", "2", "1"), categories=("Trade",), content_hash="cut")
    for first, second in ((press, topic), (topic, press)):
        decision = decided(first, second, rules=rules)
        assert {one.release.categories for one in decision.filed} == {("Trade",)}
        assert len(decision.deliveries) == 1, "one story, one alert, whichever list came first"


def test_a_stored_press_release_learns_its_category_later_and_meets_its_rule_then() -> None:
    rules = (rule("steel", any=["steel"], categories=["Trade"]),)
    press = release("1", body="The whole text on steel.")
    topic = replace(press, key=Key("demo/topics", "2", "1"), categories=("Trade",), body="The who", content_hash="cut")
    decision = decided(topic, stored=(filed(press),), rules=rules)
    assert [one.categories for one in decision.categorised] == [("Trade",)]
    assert [one.release for one in decision.deliveries] == [press.id]


def test_a_number_alone_joins_nothing() -> None:
    press = release("1", title="Steel talks")
    photo = release("1", title="A visit", key=Key("demo/topics", "2", "1"), categories=("Trade",))
    decision = decided(photo, stored=(filed(press),))
    assert not decision.categorised
    assert decision.filed[0].relation is Relation.DIFFERENT


def test_the_counts_are_those_of_the_decision() -> None:
    poll = decided(*TWICE, release("3", title="Energy forum")).poll
    assert (poll.new, poll.folded, poll.matched, poll.planned) == (3, 1, 2, 1)


def test_a_new_category_is_held_against_the_rules() -> None:
    rules = (rule("energy", any=["talks"], categories=["Energy"]),)
    old = release("1", categories=("Trade",))
    decision = decided(replace(old, categories=("Energy",), glimpse="moved"), stored=(filed(old),), rules=rules)
    assert [one.rule for one in decision.deliveries] == ["energy"]


def test_another_notice_under_the_title_of_a_silent_release_is_told() -> None:
    silent = filed(release("1", title="Notice", body="The tariff on steel plate from Chile."), "tariffs")
    decision = decided(release("2", title="Notice", body="The tariff on frozen shrimps from Peru."), stored=(silent,))
    assert decision.filed[0].relation is Relation.DIFFERENT
    assert len(decision.deliveries) == 1


def test_another_text_of_a_silent_story_stays_silent() -> None:
    silent = filed(TWICE[0], "tariffs")
    decision = decided(TWICE[1], stored=(silent,))
    assert decision.filed[0].relation is Relation.SAME_STORY
    assert not decision.deliveries


def test_a_copy_of_a_silent_release_stays_silent() -> None:
    silent = filed(TWICE[0], "tariffs")
    assert not decided(replace(TWICE[0], key=Key("demo/press", "2", "900")), stored=(silent,)).deliveries


def test_one_change_of_figures_is_one_update_whatever_the_revisions_of_the_lists() -> None:
    press = filed(release("1", body="A tariff of 10 % on 7 goods, decided in full."), "tariffs")
    cut = release("1", body="A tariff of 10 % on", key=Key("demo/topic", "2", "1"))
    topic = replace(filed(cut, "tariffs"), story=press.story, relation=Relation.DUPLICATE, revision=4)
    new = [
        replace(release("1", body="A tariff of 15 % on 7 goods, decided in full."), key=press.release.key),
        release("1", body="A tariff of 15 % on", key=cut.key),
        replace(release("1", body="A tariff of 25 % on 7 goods, decided in full."), key=press.release.key),
    ]
    decision = decided(*new, stored=(press, topic))
    assert [one.reason for one in decision.deliveries] == [Reason.UPDATE] * 2
    assert len({one.change for one in decision.deliveries}) == 2


def test_categories_learnt_in_one_batch_are_all_kept() -> None:
    press = release("1", categories=("A",))
    twin = replace(press, key=Key("demo/topic", "2", "1"), categories=("B",))
    decision = decided(twin, replace(press, categories=("C",), glimpse="moved"), stored=(filed(press),))
    stored = {one.release.key: one.release for one in decision.revised} | {one.key: one for one in decision.categorised}
    assert set(stored[press.key].categories) == {"A", "B", "C"}


FOUND = release(
    "1",
    title="KTC issues preliminary determination on PVB sheet from China",
    body="The Korea Trade Commission reached a preliminary determination that PVB sheet from China is dumped and set"
    " an anti-dumping duty of 9.7 to 31.15 percent. Tariff heading 3920 applies. Hengrun Interlayer pays least.",
)
FINAL = release(
    "2",
    title="KTC issues final determination on PVB sheet from China",
    body="The Korea Trade Commission reached a final determination that PVB sheet from China is dumped and set"
    " an anti-dumping duty of 11.24 to 27.6 percent. Tariff heading 3920 applies. Hengrun Interlayer pays least.",
    published=date(2027, 4, 2),
)


def test_a_later_stage_is_an_update_for_those_who_were_told() -> None:
    decision = decided(FOUND, FINAL)
    assert [one.relation for one in decision.filed] == [Relation.DIFFERENT, Relation.UPDATE]
    assert len({one.story for one in decision.filed}) == 1
    assert [one.reason for one in decision.deliveries] == [Reason.NEW, Reason.UPDATE]
    before, after = decision.deliveries[1].message.changes[0]
    assert ("preliminary" in before, "final" in after) == (True, True)


def test_an_update_is_told_even_if_none_of_the_rules_words_is_left() -> None:
    bare = replace(FINAL, body=FINAL.body.replace("Tariff heading 3920 applies. ", ""))
    decision = decided(bare, stored=(filed(FOUND, "tariffs"),))
    assert not decision.matches
    assert [one.reason for one in decision.deliveries] == [Reason.UPDATE]


def test_an_update_that_comes_again_is_told_once() -> None:
    again = replace(FINAL, key=Key("demo/topics", "2", "9"))
    decision = decided(FINAL, again, stored=(filed(FOUND, "tariffs"),))
    assert decision.filed[1].relation is Relation.DUPLICATE
    assert len(decision.deliveries) == 1


def test_another_product_in_the_same_words_is_another_story() -> None:
    """The negative control: the form alone makes no update."""
    other = replace(
        FINAL, title=FINAL.title.replace("PVB sheet", "shrimps"), body=FINAL.body.replace("PVB sheet", "shrimps")
    )
    decision = decided(normalised(other), stored=(filed(FOUND, "tariffs"),))
    assert decision.filed[0].relation is Relation.DIFFERENT
    assert [one.reason for one in decision.deliveries] == [Reason.NEW]


def test_an_alert_names_the_other_releases_of_its_story() -> None:
    decision = decided(*TWICE)
    assert decision.deliveries[0].message.also == (f"{TWICE[1].title} (Demo press)",)


def normalised(one: Release) -> Release:
    return release(one.key.id, title=one.title, body=one.body, published=one.published)
