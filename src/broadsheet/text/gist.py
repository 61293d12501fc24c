"""One sentence of an abstract that says what the paper does or finds. Extracted, never written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from broadsheet.model import Aspect, Sentence
from broadsheet.text.aspects import flatten

# What the authors say they did, strongest first; the last group that speaks in a sentence gives its worth.
_DEED = re.compile(
    r"(?:we|this (?:paper|work|article|study|letter|thesis|report|survey|review)|the (?:paper|authors?|study|work)|"
    r"our (?:work|paper|study|approach|method|framework|model|system|goal|key idea|results?|findings|experiments|analysis))"
    r"(?: (?:\w+ly|also|then|first|further|therefore|thus|hence|instead|here|aims?(?: to)?|seeks?(?: to)?|attempts? to|"
    r"can|to|have|has|will|both))*,? "
    r"(?:(?P<propose>propos(?:e|es|ed|ing)|introduc(?:e|es|ed|ing)|present(?:s|ed|ing)?)|"
    r"(?P<make>develop(?:s|ed)?|design(?:s|ed)?|devis(?:e|es|ed)|creat(?:e|es|ed)|buil[dt]s?|construct(?:s|ed)?|"
    r"releas(?:e|es|ed)|describ(?:e|es|ed)|formulat(?:e|es|ed)|offers?|provid(?:e|es|ed)|reports?|reported|deliver|advocate|"
    r"contribut(?:e|es|ed)|establish(?:es|ed)?|deriv(?:e|es|ed)|reviews?|surveys?|argues?|prov(?:e|es|ed))|"
    r"(?P<find>shows?|showed|find|finds|found|demonstrat(?:e|es|ed)|reveal(?:s|ed)?|conclud(?:e|es|ed)|discover(?:s|ed)?|"
    r"detect(?:s|ed)?|confirm(?:s|ed)?|obtain(?:s|ed)?|achiev(?:e|es|ed)|identif(?:y|ies|ied)|indicates?|suggests?|measured?)|"
    r"(?P<study>stud(?:y|ies|ied)|investigat(?:e|es|ed)|explor(?:e|es|ed)|examin(?:e|es|ed)|analy[sz](?:e|es|ed)|address(?:es|ed)?|"
    r"revisit(?:s|ed)?|tackles?|focus(?:es)?|discuss(?:es|ed)?|asks?|extends?|extended|assess(?:es|ed)?)|"
    r"(?P<do>consider(?:s|ed)?|evaluat(?:e|es|ed)|compar(?:e|es|ed)|estimate[ds]?|apply|applied|use[sd]?|perform(?:ed)?|"
    r"conduct(?:s|ed)?))\b"
)
_WORTH = {"propose": 6.0, "make": 5.0, "find": 4.0, "study": 3.5, "do": 2.0}
_MORE = re.compile(r"\b(?:also|further|additionally|then|therefore|moreover|finally)\b")
# What only the sentence before explains.
_VAGUE = re.compile(
    r"\b(?:(?:these|those) (?:\w+ )?(?:issues|problems|challenges|limitations|questions|gaps)|this (?:question|gap|problem|challenge|"
    r"issue|phenomenon))\b"
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were) (?:proposed|presented|introduced|developed|described|investigated|studied|reported)\b"
)
_ASPECT = {Aspect.PROBLEM: 0.0, Aspect.METHOD: 1.5, Aspect.RESULT: 1.0, Aspect.OTHER: -5.0}
# A sentence that leans on the one before it, or lists instead of telling.
_LEANING = re.compile(
    r"(?:this|these|those|it|they|such|both|additionally|furthermore|moreover|besides|also|second(?:ly)?|third(?:ly)?|"
    r"finally|lastly|next|then|later|afterwards|in addition|for (?:example|instance)|as a result|on the other hand|"
    r"extensive|experiments?|experimental|our experiments|to (?:evaluate|assess|validate|broaden|support|facilitate|enable|train|"
    r"verify|demonstrate|test)|for (?:\w+ )?evaluation)\b",
    re.IGNORECASE,
)
_NOT_LEANING = re.compile(
    r"this (?:paper|work|article|study|letter|thesis|survey|review|report)\b", re.IGNORECASE
)
_HEADING = re.compile(r"(?:[A-Z][a-z]+(?: (?:and )?[A-Za-z]+){0,2}[.:] )(?=[A-Z])")
_LEAD = re.compile(
    r"(?:(?:(?:in|with|through) (?:this|the present|our) (?:paper|work|article|study|letter|report|thesis|research|survey|"
    r"review|contribution)|here|herein|however|therefore|thus|hence|consequently|accordingly|specifically|to (?:this|that) end|"
    r"to this aim|toward(?:s)? this (?:end|goal)|motivated by (?:this|these observations)|in response|in particular|"
    r"to fill this gap|to bridge this gap|to (?:address|tackle|overcome|solve|mitigate|resolve|remedy) (?:this|these|the above|such|"
    r"those) (?:\w+ )?(?:issues?|problems?|challenges?|limitations?|gaps?|shortcomings?|concerns?|bottlenecks?)|to (?:address|"
    r"tackle|overcome|solve) (?:this|these)|first|firstly|finally|furthermore|moreover|additionally|in addition|in contrast|"
    r"in light of (?:this|these(?: \w+){0,2})),? )"
    r"+(?=(?:we|this|our|the|a|an|I)\b)",
    re.IGNORECASE,
)
_SHORTEST, _LONGEST = 50, 300


def choose(plain: str, sentences: Sequence[Sentence], *, title: str = "") -> str:
    """The sentence that best says what a paper does or finds, whole, without a lead such as "In this paper,".

    Sentences that name what the title names are preferred. Empty only where the text is.
    """
    if not sentences:
        return plain.strip()
    deeds = [0.0] * len(sentences)
    for deed in _DEED.finditer(flatten(plain)):
        n = _sentence_at(sentences, deed.start())
        worth = _WORTH[str(deed.lastgroup)]
        # The nearer to the beginning of its sentence, the more it is what the sentence says.
        worth -= min(1.0, (deed.start() - sentences[n].start) / 150)
        if _MORE.search(deed[0]):
            worth -= 2.0
        if _VAGUE.search(plain, deed.end(), sentences[n].end):
            worth -= 1.5
        deeds[n] = max(deeds[n], worth)
    _prefer(deeds, plain, sentences, title)
    best = max(range(len(sentences)), key=lambda n: (_worth(plain, sentences, n, deeds[n]), -n))
    return trim(plain[sentences[best].start : sentences[best].end])


def trim(sentence: str) -> str:
    """A sentence without a heading or a lead where what follows stands by itself.

    >>> trim("To address this issue, we propose a parser.")
    'We propose a parser.'
    """
    if heading := _HEADING.match(sentence):
        sentence = sentence[heading.end() :]
    if lead := _LEAD.match(sentence):
        rest = sentence[lead.end() :]
        return rest[0].upper() + rest[1:]
    return sentence


def _worth(plain: str, sentences: Sequence[Sentence], n: int, deed: float) -> float:
    sentence = sentences[n]
    start, end = sentence.start, sentence.end
    worth = deed + _ASPECT[sentence.aspect]
    length = end - start
    if length > _LONGEST:
        worth -= min(4.0, (length - _LONGEST) / 60)
    elif length < _SHORTEST:
        worth -= min(4.0, (_SHORTEST - length) / 8)
    if not deed and _PASSIVE.search(plain, start, end):
        worth += 3.0
    if _LEANING.match(plain, start, end) and not _NOT_LEANING.match(plain, start, end):
        worth -= 2.0
    if plain.find("://", start, end) >= 0:
        worth -= 4.0
    return worth - n / len(sentences)


def _prefer(deeds: list[float], plain: str, sentences: Sequence[Sentence], title: str) -> None:
    """Raise the sentences that do something by how much of the title they speak of."""
    name, colon, _ = title.partition(":")
    named = bool(colon) and name.count(" ") < 3
    topics = [word for word in title.lower().split() if len(word) > 4]
    for n, deed in enumerate(deeds):
        if deed:
            sentence = plain[sentences[n].start : sentences[n].end]
            if named and name in sentence:
                deeds[n] += 1.5
            if topics:
                lower = sentence.lower()
                deeds[n] += 1.5 * sum(map(lower.__contains__, topics)) / len(topics)


def _sentence_at(sentences: Sequence[Sentence], place: int) -> int:
    return next((n for n, sentence in enumerate(sentences) if place < sentence.end), len(sentences) - 1)
