"""Names of TeX commands that lost their backslash, alone or glued to their neighbours. Knows no formulas."""

from __future__ import annotations

import re

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
    "dagger prime mid tr det dim deg arg lim argmin argmax sin cos tan tanh ln bf rm it le ge ne quad"
)
GREEK = frozenset(LIKELY[: LIKELY.index("times")])
NAMES = frozenset((*SURE, *LIKELY))
SIZES = frozenset(["left", "right", "big", "bigg", "Big"])

# Names too common inside words to be looked for there.
_HIDDEN = frozenset(
    word_list(
        "in it to rm bf pi mu nu xi le ge ne tr ll ln circ rangle langle star ast mid hat bar top max min det exp sin"
    )
)
SURE_PART = re.compile("|".join(SURE) + "|left$|big$|Omega|Theta")
_PARTS = re.compile("circ(?![a-z])|" + "|".join(sorted(NAMES - _HIDDEN, key=len, reverse=True)))


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
