"""Names of TeX commands that lost their backslash, alone or glued to their neighbours. Knows no formulas."""

from __future__ import annotations

import re
from typing import NamedTuple

from broadsheet.text.symbols import word_list

# No English words, nor parts of any: where one stands without its backslash, TeX was damaged.
SURE = word_list(
    "mathcal mathbb mathbf mathrm mathfrak mathsf widetilde widehat varepsilon varphi leqslant geqslant leq geq neq "
    "infty sqrt rightarrow leftrightarrow nabla otimes oplus odot propto textbf textit emph lesssim gtrsim lfloor "
    "rfloor lceil rceil langle rangle cdot circ subseteq simeq approxeq forall operatorname boldsymbol"
)
# Words too, or parts of words: commands only inside a formula.
LIKELY = word_list(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega ell "
    "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega times sim pm mp gg ll approx equiv in subset cup cap to top "
    "log exp min max sup inf sum prod int partial tilde hat bar left right big bigg Big frac ldots dots star ast "
    "dagger prime mid det dim deg arg lim argmin argmax sin cos tan tanh ln bf rm quad"
)
GREEK = frozenset(LIKELY[: LIKELY.index("times")])
NAMES = frozenset((*SURE, *LIKELY))
SIZES = frozenset(["left", "right", "big", "bigg", "Big"])

# Names too common inside words to be looked for there.
_HIDDEN = frozenset(
    word_list("in to rm bf pi mu nu xi ll ln circ rangle langle star ast mid hat bar top max min det exp sin")
)
SURE_PART = re.compile("|".join(SURE) + "|left$|big$|Omega|Theta")
_PARTS = re.compile("circ(?![a-z])|" + "|".join(sorted(NAMES - _HIDDEN, key=len, reverse=True)))
RELATION_WORDS = frozenset(
    word_list(
        "leq geq neq times circ gg ll approx equiv propto rightarrow subseteq cdot otimes oplus simeq in"
    )
)
ROMAN_FUNCTIONS = frozenset(["diag", "rank", "poly", "sign", "softmax", "Var", "Tr", "supp", "polylog"])
CLOSERS = {"(": ")", "[": "]", "{": "}"}


class Token(NamedTuple):
    """A word, number, command, run of white space or sign, and where it stands."""

    text: str
    start: int
    end: int


def split_glued(word: str, after: str = "") -> list[str]:
    """The commands and letters that a word is glued from; the word itself where it is none.

    >>> split_glued("nLvarepsilon"), split_glued("mlog"), split_glued("mright", ")"), split_glued("prior")
    (['n', 'L', 'varepsilon'], ['m', 'log'], ['m', 'right'], ['prior'])
    """
    if word in NAMES or len(word) == 1 or word[0] == "\\":
        return [word]
    parts: list[str] = []
    letters = 0
    at = 0
    for match in _PARTS.finditer(word):
        between = word[at : match.start()]
        if match[0] in SIZES and not (match.end() == len(word) and after in tuple("()[]{}|")):
            return [word]
        parts += [*between, match[0]]
        letters += len(between)
        at = match.end()
    parts += word[at:]
    letters += len(word) - at
    sure = any(part in SURE for part in parts)
    if not any(len(part) > 1 for part in parts) or letters > (3 if sure else 2):
        return [word]
    return parts


def text_at(tokens: list[Token], place: int) -> str:
    """The text of a token; empty beyond the ends."""
    return tokens[place].text if 0 <= place < len(tokens) else ""


def bracket_end(tokens: list[Token], place: int) -> int:
    """Where the bracket at ``place`` closes; -1 where it does not."""
    level = 0
    for at in range(place, min(len(tokens), place + 120)):
        level += (tokens[at].text in CLOSERS) - (tokens[at].text in (")", "]", "}"))
        if level == 0:
            return at
    return -1


def takes_argument(word: str) -> bool:
    """Whether a command needs what follows it."""
    return word.startswith("math") or word in (
        "widetilde",
        "widehat",
        "sqrt",
        "tilde",
        "hat",
        "frac",
        "operatorname",
    )
