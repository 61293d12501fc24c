"""Sentences that state a measured result: "86.2% accuracy on SciFact", "2.5× faster", "improves F1 by 3.2 points".

What the authors say, not what is so. Rules over the plain text of an abstract, written for few false finds: a figure
counts where its own words say what it measures or how it compares. Years, sizes of data and of models, versions, and
what a problem's sentence tells of the world are no results.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from broadsheet.model import Aspect, Sentence


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, ``text[start:end]``, and the places of its figures in the text."""

    start: int
    end: int
    figures: tuple[tuple[int, int], ...]


# Bounded, so that a row of digits without end takes no time.
_DIGITS: Final = r"\d{1,9}(?:[.,]\d{1,6}){0,3}(?!\d)"
_NUMBER: Final = rf"[-+−±~≈<>≤≥]?\s?{_DIGITS}"
# One figure or two: "3.2", "87.1/90.4", "12–15".
_FIGURE: Final = rf"{_NUMBER}(?:%?\s?(?:[-–/]|±|to)\s?{_DIGITS})?"
_UNIT: Final = (
    r"\s?(?:%|\\%|percent(?:age points?)?\b|per cent\b|pp\b|p\.p\.|points?\b|dBm?\b|×|x\b|[-\s]?fold\b|times\b|"
    r"[mµμn]?s\b(?!\w)|milliseconds?\b|fps\b|FPS\b|orders? of magnitude\b)"
)
_MEASURES: Final = (
    r"accurac(?:y|ies)|balanced accuracy|precision|recall(?:@\d+)?|sensitivit(?:y|ies)|specificity|f[- ]?[12]\b|f[- ]?1[- ]?scores?|"
    r"f[- ]?scores?|f-measure|macro[- ]f1|micro[- ]f1|auc|auroc|auprc|au-?roc|roc[- ]auc|area under|m?ap(?:@[\d.:]+)?|map50|"
    r"n?dcg(?:@\d+)?|mrr(?:@\d+)?|hits?@\d+|hit rates?|pass@\d+|top-\d(?: accuracy)?|bleu(?:-\d)?|rouge(?:-[\dl])?|meteor|cider|"
    r"bertscore|chrf(?:\+\+)?|comet|psnr|ssim|lpips|fid|fvd|inception score|m?iou|dice(?: scores?| coefficients?)?|dsc|"
    r"hausdorff(?: distance)?|wer|cer|word error rates?|error rates?|eer|equal error rate|der|perplexity|rmse|mae|mse|mape|mpjpe|"
    r"nrmse|mean absolute error|mean squared error|root mean squared? error|r2\b|r\^2|r²|r-squared|pearson(?:'s)?(?: correlation)?|"
    r"spearman(?:'s)?(?: correlation)?|kendall(?:'s)?|correlations?|cohen's kappa|kappa|quadratic weighted kappa|qwk|mcc|"
    r"success(?: rates?)?|win rates?|attack success rates?|asr|detection rates?|false positive rates?|false negative rates?|"
    r"true positive rates?|fpr|tpr|completion rates?|exact match|em scores?|scores?|latency|throughput|speed-?ups?|inference time|"
    r"runtime|training time|run[- ]?time|execution time|computation(?:al)? (?:cost|time)|memory (?:usage|footprint|consumption)|"
    r"energy (?:consumption|efficiency)|power consumption|compression (?:ratio|rate)|elo|brier score|"
    r"mota|hota|idf1|nds|ade|fde|epe|abs ?rel|cindex|c-index|concordance index|snr|si-sdr|sdr|pesq|stoi|mos"
)
_MEASURE: Final = re.compile(rf"(?<![\w-])(?:{_MEASURES})(?![\w])", re.IGNORECASE)
_BETTER: Final = re.compile(
    r"(?<!\w)(?:improv\w+|increas\w+|decreas\w+|reduc\w+|gain\w*|boost\w*|outperform\w*|surpass\w*|exceed\w*|rais\w+|"
    r"lower\w*|higher|faster|slower|better|smaller|fewer|less|cheaper|shorter|speed-?ups?|speed\w* up|accelerat\w+|sav(?:e|es|ed|ing|ings)|"
    r"cut(?:s|ting)?|drop\w*|declin\w+|degrad\w+|fall(?:s|ing)?|fell|rise[sn]?|rose|grow(?:s|th)?|grew|enhanc\w+|advantage|"
    r"beat(?:s|ing)?|improvement|reduction|relative to|compared (?:to|with)|over (?:the )?(?:baseline|previous|prior|state)|more (?:than|accurate|efficient)|margin|shrink\w*|"
    r"compress\w*|halv\w+|doubl\w+)(?!\w)",
    re.IGNORECASE,
)
_REACHES: Final = re.compile(
    r"(?<!\w)(?:achiev\w+|reach\w*|attain\w*|obtain\w*|yield\w*|deliver\w*|scor(?:e|es|ed|ing)|report\w*|produc(?:e|es|ed|ing)|"
    r"record\w*|show\w*|demonstrat\w+|result\w* in|with (?:an?|a mean|average)|maintain\w*|retain\w*|preserv\w+|recover\w*|solv\w+|"
    r"detect\w*|identif\w+|classif\w+|predict\w*|match\w*|set\w*|hit\w*|up to|averag\w+|is|are|was|were|of|from|reveal\w*|find\w*|found|observ\w+|agree\w*)(?!\w)",
    re.IGNORECASE,
)
_WITH_UNIT: Final = re.compile(rf"(?<![\w.@-]){_FIGURE}{_UNIT}", re.IGNORECASE)
_BARE: Final = re.compile(
    rf"(?<![\w.@/-]){_NUMBER}(?:\s?±\s?{_DIGITS})?(?!\s?(?:[KMBGT]B?\b|billion|million|thousand|%|\d))(?![\w@⁻⁰-⁹-])(?!\.\d)(?!\s(?:h|m|km|cm|mm|GHz|MHz|Hz|K|eV|keV|GB|MB|bits?)\b)"
)
# What a share or a number is of, that is no result.
_AMOUNT: Final = re.compile(
    r"^\s?(?:of\s(?:the\s|all\s|its\s|our\s|total\s|their\s)?(?:\w+[\s-]){0,2}?(?:data|dataset|samples|labels|labelled|labeled|annotations?|parameters|"
    r"training|tokens|weights|layers|pixels|nodes|time|world|global|population|people|patients|adults|deaths|cases|emissions|papers|"
    r"users|students|respondents|participants|developers|energy|electricity|companies|organizations))|^\s?(?:labell?ed|annotated|of labell?ed|confidence|sparsity|noise|"
    r"mask\w*|missing|dropout|quantil\w*|credible|CI\b|significance|level|probability|overlap|threshold|iterations?|epochs?|samples|images|"
    r"participants|patients|students|datasets?|tasks|benchmarks|languages|models|categories|classes|questions|examples|videos|papers|"
    r"hours|minutes|years|months|days|domains|scenarios|layers|tokens|steps|environments|subjects|users|runs|seeds|folds|parameters|frames|"
    r"agents|robots|sensors|cameras|features|experiments|instances|problems|queries|documents|sentences|words|points? clouds?)\b",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_WORLD: Final = re.compile(
    r"(?<!\w)(?:worldwide|globally|global|annually|each year|per year|in the (?:US|UK|EU|United)|according to|"
    r"World Health|population|estimated|mortality|prevalence|incidence|deaths)(?!\w)",
    re.IGNORECASE,
)
_NEAR: Final = 60  # letters between a figure and the word that says what it measures


def find(text: str, sentences: Sequence[Sentence]) -> tuple[Claim, ...]:
    """The claims with figures of a plain abstract, in order.

    >>> text = "Parsing is slow. Ours reaches an F1 of 91.2 on CoNLL, 3.4 points over the best parser of 2019."
    >>> claims = find(text, [Sentence(0, 16, Aspect.PROBLEM), Sentence(17, 95, Aspect.RESULT)])
    >>> [[text[start:end] for start, end in claim.figures] for claim in claims]
    [['91.2', '3.4 points']]
    """
    found = []
    for sentence in sentences:
        if sentence.aspect is Aspect.PROBLEM:
            continue
        figures = tuple(_figures(text[sentence.start : sentence.end], sentence.start))
        if figures:
            found.append(Claim(sentence.start, sentence.end, figures))
    return tuple(found)


def _figures(sentence: str, offset: int) -> Iterable[tuple[int, int]]:
    if not any(letter.isdigit() for letter in sentence) or _WORLD.search(sentence):
        return
    measures = [m.span() for m in _MEASURE.finditer(sentence)]
    better = [m.span() for m in _BETTER.finditer(sentence)]
    reaches = [m.span() for m in _REACHES.finditer(sentence)]
    taken = -1
    places = sorted(
        [(m.start(), m.end(), True) for m in _WITH_UNIT.finditer(sentence)]
        + [(m.start(), m.end(), False) for m in _BARE.finditer(sentence)],
        key=lambda place: (place[0], -place[1]),
    )
    for start, end, has_unit in places:
        if start < taken or _AMOUNT.match(sentence[end:]):
            continue
        figure = sentence[start:end]
        if has_unit:
            says = _near(measures, start, end) or _near(better, start, end)
        else:
            digits = figure.strip("-+−±~≈<>≤≥ ")
            if _YEAR.fullmatch(digits) or ("." not in digits and len(digits) < 2):
                continue
            says = _near(measures, start, end, within=30) and (
                "." in digits or _near(reaches, start, end, within=20)
            )
        if says:
            taken = end
            lead = len(figure) - len(figure.lstrip())
            yield offset + start + lead, offset + end


def _near(places: Sequence[tuple[int, int]], start: int, end: int, *, within: int = _NEAR) -> bool:
    return any(begin - end <= within and start - finish <= within for begin, finish in places)
