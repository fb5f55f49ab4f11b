"""How little a word says: those of any text, those of any trade release, those of very many releases."""

import re

from bot.core.stories.vocabulary import DATE_WORDS, MONTHS, SCALE_WORDS
from bot.core.text import SINGULAR

# Function words and the small change of press releases: they stand in all of them.
STOP = frozenset(
    """a about after again against all also am an and any are as at be been before being between both but by can could
    did do does during each for from further had has have he her here him his how i if in into is it its itself more
    most no nor not of off on once only or other our out over own per s said same say says she should so some such t
    than that the their them then there these they this those through to too under until up upon very was we were what
    when where which while who whom why will with would you your mr mrs ms dr via amid toward towards within without
    new today percent cent pct usd us$ dollar dollars won euro euros year years month months week day days""".split()
)

# What the trade releases of all authorities are made of: alike in any two of them, whatever they are about.
FORMULA = frozenset(
    """ministry minister trade industry energy resource commission authority department commerce international
    administration government official officer office agency korea korean republic seoul washington brussels
    announce announced announcement decide decided decision determine determination determined investigation
    investigate probe import importer imported export exporter exported product good market domestic company firm
    producer measure duty tariff antidumping anti dumping dumped dump countervailing subsidy subsidised subsidized
    subsidisation safeguard remedy injury material case rate final preliminary provisional definitive review initiate
    initiation impose imposition order result notice release press statement report news meeting meet held hold
    discuss discussion talk cooperation bilateral agreement support plan policy council committee conference forum
    affirmative negative certain originating origin people's people s federal register rule regulation implementing
    eu european union united state america u.s us uk sale less fair value termination terminate terminated continue
    continuation five period launch open begin issue seek propose recommend recommendation levy slap take effect force
    complaint petition industry's anti-subsidy hearing public sunset expiry interim circumvention undertaking price
    chairman president vice deputy director general secretary ambassador representative chief head""".split()
)

# Words that stand in one press release of twenty or more, whatever it is about (counted over 4,000 of them).
COMMON = frozenset(
    """
    ability able access according across act action activity add added addition additional address affair age ago
    agree agriculture aid air allow allowing almost along already alternative alway amendment american among
    amount annual another applaud application appreciate approach appropriate appropriation approval approved
    approximately area armed army around ask asked assist assistance association attack available average award
    awarded away back barbara base based because become believe below benefit best better bill bipartisan border
    bring budget build building bush business call called cannot care center challenge change children citizen
    city civil clean clear close co colleague college combat come coming comment commitment committed community
    competitive complete comprehensive concern concerned condition conduct congress congressional consider
    consideration construction consumer contact continued control cost country county course court create created
    credit critical current currently cut dakota date dc dear debate decade defense demand democrat democratic
    deserve designed develop development difficult direct directly disaster district doing domenici don done down
    drug due earlier early economic economy education effective effort eligible emergency employee encourage end
    enforcement enhance enough ensure ensuring entire environment environmental equipment especially essential
    establish established even event ever every example existing expand expect expected experience extend face
    facility facing fact fall family far feinstein few field fight fighting finally finance financial find fire
    firefighter fiscal floor focus follow following foreign former forward found four free freedom fuel full
    fully fund funding future gas generation george get give given global go goal going gov grant great greater
    ground group growing growth guard hand hard harry having health help helped helping high higher history home
    homeland honor hope house housing however http human immediate impact implement importance important improve
    improvement improving include included including income increase increased increasing individual information
    infrastructure initiative instead institute insurance intelligence interest introduce introduced investment
    iraq issued jim job john johnson join joined joint judiciary just justice keep key kind know known labor land
    language large largest last later law lead leader leadership leading least led left legislation legislative
    let letter level life like line little live living local long look loss lost low lower made maine maintain
    major majority make making management many maria mark matter may md me mean medical member men met mexico
    middle mike military million mission money move much must my nation national nationwide natural nearly
    necessary need needed never next non north now number offer often oil olympia one operation opportunity
    organization overall part particularly party pass passage passed past pay permanent person personal personnel
    pete place plant play pleased point political population position possible potential power practice prepared
    prevent prevention priority private problem process production program progress project promote property
    proposal proposed protect protecting protection proud provide provided providing provision purchase purpose
    put quality question quickly ranking re real reason receive received recent recently record reduce reform
    regarding region regional reid related released relief remain rep represent republican request require
    required requirement research resident resolution response responsibility responsible restore return right
    risk river road robert role rural safe safety save saving school science secure secured security see sen
    senate senator senior sense sent serious serve served service serving set several share show signed
    significant similar simply since site situation six small snowe social solution soon source south special
    specific specifically spending sponsored staff stand standard start step still stop strategy strengthen
    strong student study subcommittee success successful supply supported supporting sure system taken taking tax
    technology term terrorism terrorist texa text thank thing think thousand threat three throughout thursday
    time together told tool top total training transportation treatment tremendous troop two understand
    university urban urge use used using va ve vehicle version veteran view visit vital vote voted want war water
    way well west whether white women work worked worker working world wrote yet young
    """.split()
)

# The same of Korean releases, as stems; pairs of syllables of them say little.
_FORMULA_KOREAN = """산업통상부 산업통상자원부 산업부 통상부 자원부 무역위원회 무역위 관세청 기획재정부 재정경제부 기재부 재경부 외교부 정부 당국
장관 차관 본부장 통상교섭본부장 위원장 위원회 위원 청장 국장 과장 대표 대사 회의 개최 발표 결정 판정 긍정판정 조사 개시 예비 최종 잠정 본조사
부과 건의 관세 덤핑 덤핑방지관세 반덤핑관세 반덤핑 상계관세 수입 수출 수출입 제품 품목 물품 국내 국내산업 산업 산업피해 피해 실질적 실질적인
기업 업체 업계 공급자 생산자 신청인 무역 통상 교역 협의 협력 논의 면담 회담 양국 양측 지원 계획 방안 추진 규칙 시행 재심사 종료 최종판정 예비판정
공청회 보도자료 기자 뉴스 연합 이날 오늘 지난달 이달 올해 작년 전년 동월 대비 증가 감소 기간 이상 이하 수준 최대 최고 적용 대상 의결 공고 고시"""
_COMMON_KOREAN = """밝혔 말했 전했 설명했 강조했 따르면 관련 대해 대한 통해 위해 위한 따라 따른 이번 지난 다음 예정 계획 가운데 경우 때문 이후 이전 현재
앞으로 함께 각각 모두 또한 다만 한편 특히 그동안 이어 우리나라 우리 한국 세계 글로벌 시장 경제 사업 분야 부문 문제 상황 영향 강화 확대 개선 필요 가능
중요 주요 관계자 관계 부처 기관 단체 전문가 의견 검토 마련 제공 제도 정책 법률 법 규정 기준 내용 결과 자료 참고 여부 이유 사항 조치 대응 노력
생산 공급 판매 구매 가격 물량 규모 비중 점유율 세율 부가 일부 전체 최근 하반기 상반기 분기 년간 개월 서울 세종 예상 전망 지속 유지 발생 확인 참석
하였 했다 한다 된다 됐다 이다 있다 없다 였다 습니다 합니다 입니다 하고 하는 하며 하기 하여 되는 되어 으로 에서 에게 까지 부터 보다 처럼 이나 라고 다고"""


def pairs(word: str) -> set[str]:
    """Each two neighbouring syllables."""
    return {word[at : at + 2] for at in range(len(word) - 1)}


FORMULA_KOREAN = frozenset(pair for word in _FORMULA_KOREAN.split() for pair in pairs(word))
COMMON_KOREAN = frozenset(pair for word in _COMMON_KOREAN.split() for pair in pairs(word)) - FORMULA_KOREAN

SILENT = STOP | FORMULA | FORMULA_KOREAN | DATE_WORDS | SCALE_WORDS | frozenset(MONTHS)
"""Terms that tell nothing of what a trade release is about."""
FAINT = COMMON | COMMON_KOREAN
"""Terms that tell little."""

ENDINGS = re.compile(
    "[은는이가을를의에로와과도만등및다한했하된됐되고며서년월일간합습니음함임입있으였까지부터라며밝혔달러불원중들씩여약총]+"
)
"""Korean syllables of which endings, particles and units are made."""
_SHORT_KOREAN = frozenset(_FORMULA_KOREAN.split()) | frozenset(_COMMON_KOREAN.split())
_PARTICLE = re.compile(
    "(?:에서는|에서도|에서|으로는|으로|에게|까지|부터|에는|에도|이라고|라고|이라며|라며|이며|이다|하였다|했다|했으며|했고|한다고|한다|하는|하고"
    "|하기로|하여|하며|할|한|된다|됐다|되는|된|됩니다|합니다|했습니다|습니다|들은|들이|들을|들|은|는|이|가|을|를|의|에|로|와|과|도|만|등|산)$"
)


def stem(word: str) -> str:
    """A folded word without its plural or its particles."""
    if word.isascii():
        return SINGULAR[word]
    short = _PARTICLE.sub("", word)
    return short if len(short) > 1 else word


def says_little(word: str) -> bool:
    """True of a stem that stands in very many releases."""
    return word in SILENT or word in FAINT or word in _SHORT_KOREAN
