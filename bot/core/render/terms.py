"""Legal terms of trade remedies and tariffs, in English and Korean: by them a word is explained to who reads the other.

The English words are those of the WTO agreements and the Korean ones those of the Customs Act (관세법, articles 51 to
77), with the everyday words beside them. Of several words on a side the first is the one that explains. A word that
means something else in other news (review, hearing) stands here in its phrase only.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.core.render.phrases import Language
from bot.core.text import HANGUL, fold, singular

TERMS: Final = (
    # the remedies
    ("trade remedy", "무역구제"),
    ("anti-dumping duty | AD duty", "덤핑방지관세 | 반덤핑관세 | 덤핑관세"),
    ("anti-dumping", "반덤핑 | 덤핑방지"),
    ("countervailing duty | CVD | anti-subsidy duty", "상계관세"),
    ("safeguard | safeguard measure", "긴급수입제한조치 | 긴급수입제한 | 세이프가드"),
    ("safeguard duty", "긴급관세"),
    ("provisional safeguard duty", "잠정긴급관세"),
    ("special safeguard | special safeguard duty", "특별긴급관세"),
    ("retaliatory duty | retaliatory tariff", "보복관세"),
    ("dumping", "덤핑"),
    ("subsidy", "보조금"),
    ("circumvention of anti-dumping duties | anti-dumping circumvention", "우회덤핑"),
    # a case, in order
    ("petition for investigation | anti-dumping petition", "조사신청"),
    ("initiation of investigation", "조사개시"),
    ("preliminary investigation", "예비조사"),
    ("preliminary determination", "예비판정"),
    ("preliminary affirmative determination", "예비긍정판정"),
    ("main investigation", "본조사"),
    ("public hearing", "공청회"),
    ("on-site verification", "현지실사"),
    ("provisional measure", "잠정조치"),
    ("provisional anti-dumping duty", "잠정덤핑방지관세"),
    ("provisional duty", "잠정관세"),
    ("provisional", "잠정"),
    ("final determination", "최종판정"),
    ("price undertaking", "가격약속 | 가격수정약속"),
    ("sunset review | expiry review | five-year review", "종료재심 | 종료재심사"),
    ("interim review", "중간재심 | 중간재심사"),
    # what is judged
    ("injury to the domestic industry | injury to domestic industry", "산업피해"),
    ("material injury", "실질적 피해"),
    ("serious injury", "심각한 피해"),
    ("dumping margin", "덤핑마진 | 덤핑률 | 덤핑마진율"),
    ("like product", "동종물품"),
    # tariffs
    ("tariff | customs duty | customs tariff", "관세"),
    ("tariff rate | duty rate", "관세율"),
    ("tariff-rate quota | TRQ", "저율관세할당"),
    ("market access quantity", "시장접근물량"),
    ("quota tariff", "할당관세"),
    ("adjustment duty", "조정관세"),
    ("seasonal duty", "계절관세"),
    ("bound duty | bound tariff", "양허관세"),
    ("reciprocal tariff", "상호관세"),
    ("product tariff | sectoral tariff", "품목관세"),
    ("HS code", "품목번호"),
    # who decides
    ("Korea Trade Commission | KTC", "무역위원회 | 무역위"),
    ("Korea Customs Service | KCS", "관세청"),
)
"""English and Korean, each with its other words."""


def gloss(word: str, language: Language) -> str:
    """The legal term for `word` in `language`, if `word` is one in the other language; else empty."""
    is_korean = HANGUL.search(word) is not None
    return "" if is_korean == (language == "ko") else _GLOSSES.get(_key(word), "")


def _key(word: str) -> str:
    """Alike for what differs only in case, plural, spaces and hyphens."""
    return "".join(singular(part) for part in re.split(r"[\s-]+", fold(word)))


def _glosses() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for sides in TERMS:
        english, korean = (tuple(one.strip() for one in side.split("|")) for side in sides)
        found.update((_key(one), korean[0]) for one in english)
        found.update((_key(one), english[0]) for one in korean)
    return MappingProxyType(found)


_GLOSSES = _glosses()
