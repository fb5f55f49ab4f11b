"""The words by which stories are told apart: months, countries, stages of a case, words that say nothing."""

import re

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
NUMBERED = {
    name: number
    for number, name in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=1
    )
}
COUNTED = {
    name: number
    for number, name in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen".split(),
        start=2,
    )
} | dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
SCALES = {
    "thousand": 1e3,
    "million": 1e6,
    "mn": 1e6,
    "mln": 1e6,
    "bln": 1e9,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
    "백": 1e2,
    "천": 1e3,
    "만": 1e4,
    "억": 1e8,
    "조": 1e12,
}

# Words that only say when the text was written, from the day on which it was.
SCALE_WORDS = frozenset("thousand million billion trillion mn bn mln bln hundred dozen".split())
DATE_WORDS = frozenset(
    """today yesterday tomorrow earlier later same day week monday tuesday wednesday thursday friday saturday sunday
    mon tue tues wed thu thur thurs fri sat sun this on last 오늘 어제 내일 금일 이날 이번 지난 지난달 이달 전날 당일 월 화 수 목 금 토 일 요일 월요일 화요일 수요일 목요일
    금요일 토요일 일요일 오전 오후""".split()
)

# The beginnings of what stands round a release on any site, and is not of it: contacts, credits, navigation.
FURNITURE = re.compile(
    r"""
      [\w.+-]+@[\w-]+\.\w | ^(?:https?://|www\.)\S+$
    | (?:\btel|\bphone|\bfax|\bcell|전화|연락처|팩스|☎|☏)\s*[.:)(+]*\s*[\d(+]
    | (?:^|[\s(:/])(?:\+\d{1,3}[\s-]?)?\(?0?\d{1,4}\)?[\s.-]\d{3,4}[\s.-]\d{4}\b
    | ^\W*(?:press|media|news)\s+(?:release|contacts?|enquir\w+|inquir\w+|office|notice|statement)\b
    | ^\W*for\s+(?:immediate\s+)?release\b | \bembargo(?:ed)?\b | 엠바고
    | ^\W*(?:notes?\s+(?:to|for)\s+editors?|end\s+of\s+\w+|ends?|fin|끝|이상)\W*$ | ^\W*[#*=_~-]{2,}\W*$ | ^\W*30\W*$
    | ^\W*(?:photos?|image|picture|caption|credit|사진|자료\s*사진|이미지)\b\s*(?:[:=/|(]|by\b|제공|설명|credit)
    | ^\W*(?:source|출처|자료)\s*[:=] | \bcopyright\b | ©\s | all\s+rights\s+reserved | 저작권 | 무단\s*(?:전재|복제) | 재배포\s*금지
    | ^\W*(?:home|홈)\s*[>›»|/] | [>›»]\s*(?:press|news|보도|알림|뉴스)
    | ^\W*(?:print|share|e-?mail|facebook|twitter|a\s*[-+]|인쇄|공유|목록|글자\s*크기)\b.{0,60}$
    | ^\W*(?:previous|next|prev|이전\s*글|다음\s*글|이전|다음|관련\s*기사|related)\b\s*(?:[:>›»|]|글|post|article|release|news)
    | ^\W*(?:보도\s*자료|보도\s*시점|보도\s*일시|배포\s*일시|배포\s*일|배포|담당\s*부서|담당\s*자|담당|책임자|문의|문의처|첨부|붙임|공공누리|조회\s*수?|작성일|등록일|입력|수정|기사\s*입력)\b\s*(?:[:(/|.0-9]|$|\S{0,20}$)
    | ^\W*(?:subscribe|follow\s+us|sign\s+up|newsletter|back\s+to|click\s+here|read\s+more|download|skip\s+to|view\s+online)\b
    | ^\W*(?:last\s+)?(?:updated|modified|posted|published|date|views?|hits?|reading\s+time|release\s+date|reference|ref)\s*(?:on\s*)?[:.]
    | ^\W*(?:media\s+)?(?:contacts?|enquiries|inquiries)\s*[:.] | ^\W*about\s+(?:the\s+\w+|us)\W*$
    | \bfor\s+(?:more|further|additional)\s+(?:information|details)\b | \b(?:unofficial|english)\s+translation\b
    | 자세한\s*(?:내용|사항)은 | 이\s*보도자료 | ^\W*기자\s*[:=]? | [가-힣]{2,4}\s*기자\s*(?:=|$|[\w.+-]+@)
    | ^\(?\s*(?:photo|image|사진)\s*[:=]\s*[^)]*\)?\W*$
    | ^\W*(?:federal\s+register|official\s+journal)\b.{0,80}$ | \bfr\s+doc\b | \bbilling\s+code\b
    | ^\W*(?:page|pages|p)\.?\s*\d+ | ^\W*\d+\s*(?:of|/)\s*\d+\W*$ | ^\W*(?:attachments?|첨부\s*파일|파일)\b
    | ^\W*(?:photos?|사진)\s*\d*\b.{0,95}$
    | ^\W*(?:advertisement|sponsored|story\s+continues|related|trending|see\s+also|read\s+also|you\s+may\s+also|more\s+(?:from|on)|tags?|topics?|keywords?|categor(?:y|ies)|filed\s+under|키워드|태그|분류|조회)\b
    | ^[^|%\d]{1,40}(?:\|[^|%\d]{1,40})+$ | (?:[^|]{1,60}\|){3}[^%\d]*$
    | \b\d[\d,]*\s*(?:reads?|views?|hits?)\b | \b(?:reads?|views?|hits?)\s*:?\s*\d[\d,]*\s*(?:$|\|) | (?:조회\s*수?|댓글)\s*[:：]?\s*\d
    | (?:조간|석간)\s*부터 | ^\W*(?:registration\s+date|등록\s*일|작성\s*자|관리자)
    """,
    re.VERBOSE | re.IGNORECASE,
)

# Sentences that speak to the reader of a page or a mail, or of the publisher itself.
TO_THE_READER = re.compile(
    r"""
    \b(?:unsubscribe|cookies|click\s+here|not\s+(?:constitute\s+)?legal\s+advice|general\s+(?:guide|guidance|information\s+only)|manage\s+(?:your\s+)?preferences|you\s+(?:are\s+receiving|have\s+received|received)|this\s+(?:e-?mail|message)\s+was|please\s+see\s+below|forwarded\s+message|add\s+your\s+comment|log\s*in\s+to)\b
    | ^\W*(?:[\w&'’.-]+\s+){1,8}(?:represents|advances|promotes|is\s+the\s+(?:voice|(?:national|trade|umbrella|leading|representative)\s+\w+))\b
    | \bis\s+an?\s+(?:independent|quasi|nonpartisan|non-partisan|government\s+agency|federal\s+agency|public\s+body|statutory)\b
    | (?:회원\s*여러분|참고하시기\s*바랍니다|업무에\s*참고|알려\s*드립니다|이용이?\s*가능합니다|이용할\s*수\s*있습니다|조건에\s*따라|전재하여|좋아요|구독|법적\s*책임|투자\s*판단|제공\s*기사|감사합니다|기원합니다|만족하십니까)
    | ^\W*(?:source|자료|출처)\s*: | ^\W*(?:pictured|from\s+left|사진은|사진\s*설명|왼쪽부터) | 안녕하(?:십니까|세요) | 사무국입니다 | 본\s*메일 | 발신\s*전용 | 제보는 | 언론\s*기사를 | (?:그대로|원문)\s*옮긴 | story\s+continues\s+below
    | \b(?:dear\s+(?:members?|colleagues?|all|readers?|sir)|kind\s+regards|best\s+regards|yours\s+sincerely)\b
    | 저작권 | 무단\s*(?:전재|복제) | all\s+rights\s+reserved
    """,
    re.VERBOSE | re.IGNORECASE,
)

# A mark before a title that says of what kind the text is, or that it comes again.
LABEL = re.compile(
    r"""^\s*(?:
      [\[(<【]\s*[^\])>】]{1,24}\s*[\])>】]\s*[:\-–]?
    | (?:press|media|news)\s+(?:release|notice|statement|advisory)\s*[:\-–|]
    | (?:photos?|pictures?|image|update[d]?|correct(?:ed|ion)|corrigendum|erratum|revised|breaking|exclusive|video|lead|urgent|alert)\s*(?:\d\s*)?[:\-–|]
    | (?:보도자료|보도참고자료|참고자료|설명자료|참고|정정|수정|사진|포토|속보|종합|단독|영상)\s*[:\-–|)]
    )\s*""",
    re.VERBOSE | re.IGNORECASE,
)
VERSION = re.compile(
    r"[\[(<]?\s*(?:\d\s?보|상보|종합\s?\d?보?|(?:\d(?:st|nd|rd|th)\s)?(?:lead|ld)|update\s?\d?|updated|writethru|recast)\s*[\])>:\-–]"
    r"|^update\s\d\s?[-–]",
    re.IGNORECASE,
)
"""Marks of a wire's later versions of one report."""
CORRECTION = re.compile(
    r"\b(?:correct(?:ed|ion|s|ing)|corrigend\w+|errat\w+|amended|revised|supersedes|replaces)\b|정정|바로\s*잡|수정\s*(?:본|보도|배포|합니다)",
    re.IGNORECASE,
)
SAYS = re.compile(
    r"\b(?:said|told|added|noted|stressed|warned|welcomed|decided|agreed|urged)\b|밝혔|말했|전했|강조했|설명했|덧붙였|당부했|촉구했",
    re.IGNORECASE,
)
REPORTS = re.compile(
    r"\b(?:says|called|expect\w*|plan(?:s|ned)?|will|would|shall|asked|announced|may|must|is to|are to)\b"
    r"|예정|계획|전망|방침|것이다|것으로|하기로|요청|환영|강조|당부|촉구",
    re.IGNORECASE,
)
"""What makes a sentence one of news."""
OPPOSITES = frozenset(
    tuple(pair.split("/"))
    for pair in """increase/decrease increased/decreased rise/fall rose/fell up/down raise/lower raised/lowered higher/lower gain/loss
    affirmative/negative accept/reject accepted/rejected approve/reject approved/rejected above/below import/export imported/exported
    importer/exporter maximum/minimum before/after include/exclude included/excluded surplus/deficit impose/lift imposed/lifted
    open/closed begin/end began/ended buy/sell expand/shrink expanded/shrank support/oppose 증가/감소 상승/하락 긍정/부정 인상/인하 흑자/적자
    포함/제외 승인/거부 이상/이하 이전/이후 확대/축소 수출/수입 찬성/반대""".split()
)
"""Words that turn a sentence round."""
NEGATION = frozenset("not no never without neither nor cannot denied rejected".split())

MEASURES = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("anti-dumping", r"\b(?:anti-?\s?)?dump(?:ing|ed)\b|\bless[ -]than[ -]fair[ -]value\b|덤핑"),
        ("countervailing", r"\bcountervail\w*|\b(?:anti-)?subsid\w+|상계|보조금"),
        ("safeguard", r"\bsafeguards?\b|세이프가드|긴급\s?(?:관세|수입)"),
    )
)
CASE = re.compile(
    r"dumping|dumped|countervail|subsid|safeguard|less than fair|sunset review|five-year review|\bduty order|circumvent|\btariff"
    r"|section (?:201|232|301|337)|export control|entity list|덤핑|상계|세이프가드|긴급관세|무역구제|무역위|관세|수출통제|전략물자|재심사"
)
"""In folded text: words of procedures that go on for years."""
_TRADE = tuple(
    """trade|tariff|duties|duty|import|export|dumping|countervail|safeguard|quota|customs|entity list|blacklist|ad valorem|cash deposit
    |shipment|supplier|surtax|remission| wto| fta| cepa| epa |무역|통상|관세|수출|수입|덤핑|세이프가드|쿼터|할당|세관|교역|공급망""".replace(
        "\n    ", ""
    ).split("|")
)


def speaks_of_trade(folded: str) -> bool:
    """True if a folded text has a word that trade releases have."""
    return any(word in folded for word in _TRADE)


STAGES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("petition", r"\bpetition(?:s|ed|er)?\b|\bcomplaint\b|\bapplication (?:lodged|received|filed)|\bapplies for\b|조사\s*신청|제소|신청서"),
        ("initiation", r"\binitiat\w+|\b(?:launch|open|begin|start|commence)\w* (?:an? |its |the |new )*(?:\w+[- ]){0,3}(?:investigation|probe|inquiry|review|case)|\binstitut(?:ion|es|ed)\b|조사\s*(?:를\s*)?(?:개시|착수|시작)|조사에\s*(?:착수|들어)|개시\s*결정"),
        ("preliminary", r"\bpreliminar(?:y|ily)\b|예비\s*(?:판정|조사|긍정|결정|결과|덤핑)"),
        ("provisional", r"\bprovisional\w*\b|잠정\s*(?:덤핑|관세|조치|반덤핑|긴급|상계|세이프가드)"),
        ("hearing", r"\bhearings?\b|공청회"),
        ("final", r"\bfinal(?:ly|ises|izes)? (?:\w+ ){0,3}(?:determin\w+|finding\w*|ruling|decision|affirmative|negative|results?|report|phase|recommendation|injury|dumping|disclosure|rul\w+)|\bdefinitive findings|최종\s*(?:판정|덤핑|결정|긍정|조사|부과)"),
        ("recommendation", r"\brecommend\w*|\bpropos(?:e|es|ed|al|ing)\b|건의"),
        ("order", r"\b(?:issu\w+|publish\w+) (?:\w+ ){0,4}(?:duty )?orders?\b|\bduty orders?\b"),
        ("imposition", r"\bimpos(?:e|es|ed|ing|ition)\b|\bdefinitive (?:\w+[- ])*dut|\b(?:take|takes|took|taking|into) effect\b|\b(?:enter|come|enters|comes|entered|came)\w* into force|\blev(?:y|ies|ied)\b|\bslaps?\b|부과\s*(?:하기로|한다|키로|결정|규칙|시행|됩니다|한다고)|시행\s*(?:된다|한다|에\s*들어)|시행규칙|고시"),
        ("review", r"\breviews?\b|재심사?"),
        ("continuation", r"\bcontinu(?:e|es|ed|ation) (?:of )?(?:\w+[- ])*(?:orders?|dut|measure)|\bexten(?:d|ds|ded|sion)\b|연장"),
        ("termination", r"\bterminat\w+|\brevo(?:k|c)\w+|\bexpir(?:y of|es|ed)\b|\bwithdraw(?:s|n|al)?\b|\blapse|\brepeal\w*|철회|종결|종료(?!\s*재심)|폐지"),
        ("suspension", r"\bsuspen(?:d|ds|ded|sion)\b|\bundertakings?\b|가격\s*약속|중단"),
        ("circumvention", r"\bcircumvent\w+|우회\s*(?:덤핑|수출)"),
        ("postponement", r"\bpostpone(?:s|d|ments?)?\b(?! (?:of )?(?:the )?final)|\bdefer(?:s|red|ral)\b|\breschedul\w+|\bdelay(?:s|ed)?\b|\badjourn\w*|\bcancel\w*|연기|순연|취소"),
        ("correction", CORRECTION.pattern),
    )
)  # fmt: skip

# A line a country: its ISO 3166 code (or that of a union), English names and demonyms, Korean names, and the Chinese
# character by which headlines call it. _ stands for a space.
_COUNTRIES = """
AE uae emirates emirati 아랍에미리트
AR argentina argentine argentinian 아르헨티나
ASEAN asean 아세안
AT austria austrian 오스트리아
AU australia australian 호주 濠
BD bangladesh bangladeshi 방글라데시
BE belgium belgian 벨기에
BG bulgaria bulgarian 불가리아
BH bahrain bahraini 바레인
BR brazil brazilian 브라질
BY belarus belarusian 벨라루스
CA canada canadian 캐나다 加
CH switzerland swiss 스위스
CL chile chilean 칠레
CN china chinese prc 중국 中
CO colombia colombian 콜롬비아
CR costa_rica costa_rican 코스타리카
CZ czech czechia 체코
DE germany german 독일 獨
DK denmark danish 덴마크
DO dominican_republic dominican 도미니카
DZ algeria algerian 알제리
EC ecuador ecuadorian 에콰도르
EE estonia estonian 에스토니아
EG egypt egyptian 이집트
ES spain spanish 스페인
EU european_union eu 유럽연합
FI finland finnish 핀란드
FR france french 프랑스 佛
GB united_kingdom uk britain british 영국 英
GE georgia georgian 조지아
GR greece greek 그리스
GT guatemala guatemalan 과테말라
HK hong_kong 홍콩
HR croatia croatian 크로아티아
HU hungary hungarian 헝가리
ID indonesia indonesian 인도네시아 인니
IE ireland irish 아일랜드
IL israel israeli 이스라엘
IN india indian 인도 印
IQ iraq iraqi 이라크
IR iran iranian 이란
IT italy italian 이탈리아 伊
JO jordan jordanian 요르단
JP japan japanese 일본 日
KE kenya kenyan 케냐
KH cambodia cambodian 캄보디아
KR south_korea korea korean south_korean s._korea 한국 우리나라 韓
KW kuwait kuwaiti 쿠웨이트
KZ kazakhstan kazakh 카자흐스탄
LA laos lao 라오스
LK sri_lanka sri_lankan 스리랑카
LT lithuania lithuanian 리투아니아
LV latvia latvian 라트비아
MA morocco moroccan 모로코
MM myanmar 미얀마
MN mongolia mongolian 몽골
MX mexico mexican 멕시코
MY malaysia malaysian 말레이시아
NG nigeria nigerian 나이지리아
NL netherlands dutch 네덜란드
NO norway norwegian 노르웨이
NP nepal nepalese 네팔
NZ new_zealand 뉴질랜드
OM oman omani 오만
PA panama panamanian 파나마
PE peru peruvian 페루
PH philippines philippine filipino 필리핀
PK pakistan pakistani 파키스탄
PL poland polish 폴란드
PT portugal portuguese 포르투갈
QA qatar qatari 카타르
RO romania romanian 루마니아
RS serbia serbian 세르비아
RU russia russian 러시아 露
SA saudi_arabia saudi 사우디아라비아 사우디
SE sweden swedish 스웨덴
SG singapore singaporean 싱가포르
SI slovenia slovenian 슬로베니아
SK slovakia slovak 슬로바키아
TH thailand thai 태국
TN tunisia tunisian 튀니지
TR turkey turkiye turkish 튀르키예 터키
TT trinidad_and_tobago trinidad 트리니다드토바고
TW taiwan taiwanese chinese_taipei 대만
UA ukraine ukrainian 우크라이나
US united_states america american usa u.s. 미국 美
UY uruguay uruguayan 우루과이
UZ uzbekistan uzbek 우즈베키스탄
VN vietnam vietnamese viet_nam 베트남 越
ZA south_africa south_african 남아공 남아프리카공화국
"""
COUNTRIES = {
    name.replace("_", " "): code for code, *names in map(str.split, _COUNTRIES.split("\n")[1:-1]) for name in names
}
"""Code by name, small letters."""


def other_names() -> re.Pattern[str]:
    """What finds the Korean and Chinese names of COUNTRIES in folded text, the longest first, where a word begins."""
    names = sorted((name for name in COUNTRIES if not name.isascii()), key=len, reverse=True)
    return re.compile(rf"(?<![가-힣])(?:{'|'.join(names)})")
