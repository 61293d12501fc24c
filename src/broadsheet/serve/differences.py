"""What changed between two versions of a text, word by word, as HTML. Knows only text."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

_LONG: Final = 2_000_000  # pairs of words; no abstract has as many


@lru_cache(maxsize=512)
def differences(old: str, new: str) -> Markup:
    """The new text with what went in ``<del>`` and what came in ``<ins>``; whole words, spaces kept.

    >>> str(differences("It takes 1.4 hours.", "It takes 2 hours."))
    'It takes <del>1.4</del> <ins>2</ins> hours.'
    """
    before, after = _words(old), _words(new)
    out: list[str] = []
    # Each word is compared with all of its like: in a long text those that are everywhere are passed over.
    long = len(before) * len(after) > _LONG
    for tag, a0, a1, b0, b1 in difflib.SequenceMatcher(None, before, after, autojunk=long).get_opcodes():
        gone, come = escape(" ".join(before[a0:a1])), escape(" ".join(after[b0:b1]))
        if tag == "equal":
            out.append(come)
            continue
        out += [
            Markup("<{0}>{1}</{0}>").format(name, text)
            for name, text in (("del", gone), ("ins", come))
            if text
        ]
    return Markup(" ").join(out)


def _words(text: str) -> list[str]:
    return re.findall(r"\S+", text)
