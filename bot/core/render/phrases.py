"""The fixed phrases of messages, in English and Korean: one table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

Language = Literal["en", "ko"]

PHRASES: Final[Mapping[str, Mapping[Language, str]]] = MappingProxyType(
    {
        # the title
        "title.new": {"en": "{title}", "ko": "{title}"},
        "title.update": {"en": "Update: {title}", "ko": "[변경] {title}"},
        "title.test": {"en": "Test: {title}", "ko": "[테스트] {title}"},
        "title.trouble": {"en": "Trouble: {title}", "ko": "[장애] {title}"},
        "title.healed": {"en": "Resolved: {title}", "ko": "[복구] {title}"},
        "title.digest": {"en": "{title}", "ko": "{title}"},
        "untitled": {"en": "(no title)", "ko": "(제목 없음)"},
        # what kind of message it is, where there is room for a label
        "label.update": {"en": "Update", "ko": "변경"},
        "label.test": {"en": "Test", "ko": "테스트"},
        "label.trouble": {"en": "Trouble", "ko": "장애"},
        "label.healed": {"en": "Resolved", "ko": "복구"},
        # an alert
        "why": {"en": "Why: {why}", "ko": "알림 사유: {why}"},
        "before": {"en": "Before: {text}", "ko": "변경 전: {text}"},
        "deleted": {"en": "Deleted: {text}", "ko": "삭제: {text}"},
        "now": {"en": "Now: {text}", "ko": "변경 후: {text}"},
        "also.one": {"en": "Also: 1 more release: {named}", "ko": "같은 사안의 다른 보도자료 1건: {named}"},
        "also.many": {
            "en": "Also: {count} more releases: {named}",
            "ko": "같은 사안의 다른 보도자료 {count}건: {named}",
        },
        "changes.more": {"en": "… and {count} more changes", "ko": "… 이 밖의 변경 {count}건"},
        "read": {"en": "Read the release", "ko": "원문 보기"},
        "repeat": {
            "en": "This may be a repeat: the first try got no clear answer.",
            "ko": "앞서 보낸 알림의 도착 여부가 확인되지 않아 다시 보냅니다. 같은 내용을 두 번 받으실 수 있습니다.",
        },
        "repeat.short": {"en": "(may be a repeat)", "ko": "(중복일 수 있음)"},
        "link.unsafe": {
            "en": "The release's address is not a plain web address, so it is not shown as a link.",
            "ko": "원문 주소가 일반적인 웹 주소가 아니어서 링크를 표시하지 않습니다.",
        },
        "link.long": {
            "en": "(the link alone is longer than this channel's messages)",
            "ko": "(링크가 이 채널의 글자 수 제한보다 깁니다)",
        },
        # a digest
        "alerts.one": {"en": "1 alert: {rules}", "ko": "알림 1건: {rules}"},
        "alerts.many": {"en": "{count} alerts: {rules}", "ko": "알림 {count}건: {rules}"},
        "rule.count": {"en": "{rule} {count}", "ko": "{rule} {count}건"},
        "rules.more": {"en": "{count} more rules", "ko": "그 외 규칙 {count}개"},
        "contents": {"en": "Contents", "ko": "목차"},
        "rule": {"en": "Rule: {rule}", "ko": "규칙: {rule}"},
        "story": {"en": "One story, {count} releases", "ko": "같은 사안, 보도자료 {count}건"},
        "held.cadence": {
            "en": "What has come since the last regular message.",
            "ko": "지난 정기 발송 이후의 알림을 모았습니다.",
        },
        "held.quiet": {
            "en": "What came during the quiet hours.",
            "ko": "방해 금지 시간에 들어온 알림을 모았습니다.",
        },
        "held.mute": {
            "en": "What came while its rule, story or source was muted.",
            "ko": "알림이 일시 중지된 동안 들어온 알림을 모았습니다.",
        },
        "held.storm": {
            "en": "Many alerts came at once, so they come in one message.",
            "ko": "짧은 시간에 알림이 많이 발생해 한 번에 모아 보냅니다.",
        },
        "held.together": {
            "en": "These alerts were due at the same time.",
            "ko": "같은 시각에 보낼 알림을 한 번에 모았습니다.",
        },
        "left.one": {
            "en": "1 more does not fit here; see: tocsin outbox",
            "ko": "이 메시지에 싣지 못한 알림 1건 (확인: tocsin outbox)",
        },
        "left.many": {
            "en": "{count} more do not fit here; see: tocsin outbox",
            "ko": "이 메시지에 싣지 못한 알림 {count}건 (확인: tocsin outbox)",
        },
        "outbox": {"en": "All: tocsin outbox", "ko": "전체 보기: tocsin outbox"},
    }
)


def phrase(key: str, language: Language, /, **values: str | int) -> str:
    """The phrase in a language, its placeholders filled; what is filled in is never read as a pattern."""
    return PHRASES[key][language].format(**values)


def counted(key: str, language: Language, count: int, /, **values: str | int) -> str:
    """The phrase for one, or for many, of something."""
    return phrase(f"{key}.one" if count == 1 else f"{key}.many", language, count=count, **values)
