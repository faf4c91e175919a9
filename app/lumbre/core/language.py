"""Which language a text is in, by its function words, endings and letters; and the folding of case and accents."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache, lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH = _words(
    """a about above after again all also am an and any are aren't as at be because been before being below
    between both but by can can't could did didn't do does doesn't doing don't down during each either few for
    from further had has hasn't have having he her here hers him his how i i'm if in into is isn't it it's its
    just let may me might more most much must my no nor not of off often on once one only or other our out
    over own same shall she should since so some such than that that's the their them then there these they
    this those through to too under until up upon us very was wasn't we were what what's when where whether
    which while who whom whose why will with within without would you your please tell many"""
)
SPANISH = _words(
    """a al algo alguna algunas alguno algunos algún ambos ante antes aquel aquella aquellas aquello aquellos aquí
    así aun aunque aún cada casi como con contra cual cuales cualquier cuando cuanta cuantas cuanto cuantos
    cuál cuáles cuándo cuánta cuántas cuánto cuántos cómo de del desde después dice dime donde dos durante
    dónde e el ella ellas ello ellos en entre era eran eres es esa esas ese eso esos esta estaba estaban
    estado estamos estar estas este esto estos está están estás fue fueron fui ha haber había habían han hasta
    hay he hemos la las le les lo los me mi mientras mis misma mismas mismo mismos muy más mí ni no nos
    nosotros nuestra nuestras nuestro nuestros o os otra otras otro otros para pero poco por porque puede
    pueden pues que quien quienes quién quiénes qué se sea sean según ser si sido sin sino sobre son soy su
    sus suya suyo sí sólo tal también tampoco tan tanto te tenemos tener tengo ti tiene tienen toda todas todo
    todos tras tu tus tuvo tú un una unas uno unos usted ustedes va y ya yo él"""
)
_OTHERS = {
    "fr": """à au aux avec ce ces cette comme dans de des du elle en est et être eux il ils je la le les leur leurs lui
    mais ne nous ont ou où par pas plus pour qu que quel quelle quels quelles qui sa sans ses sont sur un une vous été
    d l c j n s""",
    "pt": """ao aos as até com como da das de dela dele do dos e ela elas ele em entre era essa esse esta este eu foi
    foram isso já lhe mais mas me mesmo meu muito na nas não nem no nos o os ou para pela pelas pelo pelos por qual
    quais quando que quem se sem ser seu seus sua suas são também tem um uma você à é""",
    "it": """ad ai al alla alle anche che chi come con cosa da dal dalla degli dei del della delle di dove e ed era gli
    ha hanno i il in io la le lo ma nei nel nella non o per perché più quale quali quando quanto questa questo sono
    su sua suo tra un una è l dell nell all""",
    "ca": """a al als amb això aquest aquesta com de del dels els en entre era és ha han hi i la les li llur més molt no
    o on per però qual que què quan quin quina seva seu si són també té un una uns va van l d""",
    "de": """aber als am an auch auf aus bei bis das dass dem den der des die durch ein eine einem einen einer er es für
    hat ich im in ist kann mit nach nicht noch nur oder sein sich sie sind so und über um von vor war was wer wie wird
    wir wo zu zum zur""",
    "nl": """aan als bij dat de deze die dit door een en er het hoe in is maar met naar niet nog of om ook op over te
    tot uit van voor was wat wie wordt zijn""",
}
_SUPPORTED = ("en", "es")
_SAMPLE = 4000  # characters; more would not change the verdict
_COMBINING = re.compile(r"[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SPANISH_ENDING = re.compile(
    r"(?:ci[oó]n|ciones|mente|idad|idades|iendo|ando|aron|ieron|ería|[ai]d[oa]s?|[aeo]r[oa]s?|ar|[oa]s)$"
)
_ENGLISH_ENDING = re.compile(
    r"(?:ing|tions?|ness|ship|ght|lly|ful|less|ous|'s|[^aeiou][tr]y|ck|ed|sh|ee|ough)$|^(?:wh|th|kn|sh)"
)
_LETTERS = {
    "ñ¿¡": {"es": 2.0},
    "áíóú": {"es": 0.4, "pt": 0.2, "ca": 0.1},
    "ãõ": {"pt": 2.0},
    "ßäö": {"de": 1.5},
    "êœâîûëô": {"fr": 1.5},
    "àèòì": {"it": 0.5, "ca": 0.5, "fr": 0.4},
    "ç": {"pt": 0.5, "ca": 0.5, "fr": 0.5},
}
_LEAST = 0.3  # points: an ending, or a function word that three languages share
_LEAD = 1.1  # times the points of the runner-up


def detect(text: str) -> str:
    """ "en", "es", or "" when it is another language or cannot be told; good from about three words on."""
    sample = text[:_SAMPLE].lower().replace("’", "'")
    scores: defaultdict[str, float] = defaultdict(float)
    for word, times in Counter(_WORD.findall(sample)).items():
        for language, points in _points(word).items():
            scores[language] += points * times
    for letters, evidence in _LETTERS.items():
        times = sum(map(sample.count, letters))
        for language, points in evidence.items():
            scores[language] += points * times
    best = max(scores, key=scores.__getitem__, default="")
    second = max((points for language, points in scores.items() if language != best), default=0.0)
    return best if best in _SUPPORTED and scores[best] >= max(_LEAST, _LEAD * second) else ""


def fold(text: str) -> str:
    """Text without case, accents and soft hyphens, compatible forms unified: "Información" becomes "informacion"."""
    if text.isascii():
        return text.lower()
    return _COMBINING.sub("", unicodedata.normalize("NFKD", text.casefold().replace("\u00ad", "")))


@lru_cache(maxsize=8192)
def _points(word: str) -> dict[str, float]:
    """What one lower-case word says; a function word says less the more languages share it."""
    sharing = _function_words().get(word)
    if sharing:
        return dict.fromkeys(sharing, 1 / len(sharing))
    if len(word) > 4 and _SPANISH_ENDING.search(word):
        return {"es": 0.4}
    return {"en": 0.4} if len(word) > 3 and _ENGLISH_ENDING.search(word) else {}


@cache
def _function_words() -> dict[str, list[str]]:
    lists = {"en": ENGLISH, "es": SPANISH, **{name: _words(text) for name, text in _OTHERS.items()}}
    sharing: dict[str, list[str]] = {}
    for language, words in lists.items():
        for word in words:
            sharing.setdefault(word, []).append(language)
    return sharing
