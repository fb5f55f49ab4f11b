"""Rules and texts made to hold a matcher up."""

from collections.abc import Callable

RULES = {
    "nested repeats": "/(a+)+$/",
    "nested repeats, a word boundary": r"/\b(\w+\s?)*!/",
    "alternatives that are one": "/(a|a|aa)+b/",
    "many stars": "/.*.*.*.*.*=/",
    "stars and a far end": "/(.*)(.*)(.*)(.*)zq/",
    "counted repeats": "/(a{1,30}){1,30}b/",
    "a long counted repeat": "/[ab]{900}c/",
    "counted classes": r"/(\w{2,20}\s){20,50}zq/",
    "anything, then a late letter": "/(x|y|z|a).{500}q/",
    "an email address": r"/^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3}))$/",
    "an empty alternative": "/(|a)+(|b)+c/",
    "all of Unicode, without case": r"/(?i)(\pL\pN?)+\PL{3}z/",
    "a phrase of one word": '"' + "a " * 60 + 'b"',
    "the same word near itself": '"a a a a"~1000',
    "many words near each other": '"a b a b a b"~500',
    "common words near each other": '"the of and to in"~200',
    "common words, never near": '"the zzyzx of"~3',
    "a short beginning": "a* AND NOT zzyzx",
    "the beginning of a phrase": '"a a a a a a a*" AND zzyzx',
    "a phrase near": '"a b" AND "b a" AND NOT "a c"',
    "200 leaves": " OR ".join(f"zq{number}*" for number in range(195)),
    "200 phrases": " OR ".join(f'"a a b{number}"' for number in range(90)),
    "half of many": f"40 of ({', '.join(f'{one}*' for one in 'abcdefghijklmnopqrstuvwxyz')}, "
    f"{', '.join(f'a{one}*' for one in 'abcdefghijklmnopqrstuvwxyz')})",
    "deep brackets": "(" * 18 + "a" + ")" * 18 + " AND zzyzx",
    "denials": " AND ".join(f"NOT zq{number}" for number in range(150)),
    "Korean in every place": "가",
    "a Korean compound": "가나가나가나가나가다",
    "a percentage": "percent:>=99",
    "a length": "words:>=1",
}

TEXTS: dict[str, Callable[[int], str]] = {
    "one letter": lambda length: "a" * length,
    "one letter as words": lambda length: "a " * (length // 2),
    "one letter as words, and an end": lambda length: "a " * (length // 2 - 1) + "b!",
    "two letters as words": lambda length: "a b " * (length // 4),
    "common words": lambda length: "the of and to in a for " * (length // 23),
    "words that differ": lambda length: " ".join(f"a{number}" for number in range(length // 7)),
    "hyphens": lambda length: "a-" * (length // 2),
    "stops": lambda length: "a. " * (length // 3),
    "lines": lambda length: "a\n" * (length // 2),
    "figures": lambda length: "9.9% " * (length // 5),
    "Korean": lambda length: "가나 " * (length // 3),
    "Korean without spaces": lambda length: "가나" * (length // 2),
    "Korean, dotted": lambda length: "가·나·" * (length // 4),
    "letters with accents": lambda length: "e\u0301a\u0300 " * (length // 5),
    "wide letters": lambda length: "\uff41\uff42 " * (length // 3),
}
