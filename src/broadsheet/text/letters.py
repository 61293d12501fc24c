"""TeX's accents and letters of running text in Unicode. Knows nothing of formulas."""

from __future__ import annotations

import re
import unicodedata

from broadsheet.text.symbols import COMMANDS, INVISIBLE, SPACES, SWITCHES, TEXTS

_MARKS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "d": "\u0323", "b": "\u0331",
    "r": "\u030a",
}  # fmt: skip

# Commands of running text that stand for characters.
CHARACTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å",
    "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ",
    "S": "§", "P": "¶", "copyright": "©", "textcopyright": "©", "textregistered": "®", "texttrademark": "™",
    "pounds": "£", "euro": "€", "texteuro": "€", "dag": "†", "ddag": "‡", "LaTeX": "LaTeX", "TeX": "TeX",
    "BibTeX": "BibTeX", "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’",
    "textquotesingle": "'", "textquotedbl": '"', "textquotedblleft": "“", "textquotedblright": "”", "lq": "‘",
    "rq": "’", "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textunderscore": "_",
    "textless": "<", "textgreater": ">", "textbar": "|", "textbraceleft": "{", "textbraceright": "}",
    "textdollar": "$", "textpercent": "%", "percent": "%", "textperthousand": "‰", "textdegree": "°",
    "textmu": "µ", "textpm": "±", "texttimes": "×", "textminus": "−", "textellipsis": "…", "ldots": "…",
    "dots": "…", "textbullet": "•", "textperiodcentered": "·", "textonehalf": "½", "textvisiblespace": "␣",
    "slash": "/", "checkmark": "✓", "eg": "e.g.", "ie": "i.e.", "etc": "etc.", "etal": "et al.", "cf": "cf.",
}  # fmt: skip

_LETTER = r"(?:\\([ij])(?![A-Za-z])|([A-Za-z]))"
_ACCENT = re.compile(
    rf"\\([`'^\"~=.])(?:\s*\{{\s*{_LETTER}?\s*\}}|{_LETTER})"
    rf"|\\([uvHckdbr])(?:\s*\{{\s*{_LETTER}\s*\}}|\s+{_LETTER})"
)
# \"word\" and model\'s: quotation marks and apostrophes that somebody escaped for another language.
_ESCAPED_QUOTES = re.compile(r"(?<![A-Za-z])\\\"([^\\\"]{1,120}?)\\\"(?![A-Za-z])")
_ESCAPED_APOSTROPHE = re.compile(r"(?<=[A-Za-z])\\'(?=(?:s|t|re|ve|ll|d)?(?![A-Za-z{\\]))")
# \b{eta}: somebody took the head of \beta for an accent.
_SPLIT_NAME = re.compile(r"\\([a-zA-Z])\{([a-z]{1,9})\}")
_WORD_COMMAND = re.compile(r"\\([A-Za-z]+)\s*(?:\{\})?|\\([&%$#_{} ,;:!-])")
_NAME_COMMAND = re.compile(r"\\([A-Za-z]+)(?![A-Za-z])\s*(?:\{\})?")


def resolve_accents(text: str) -> str:
    r"""The text with accented letters in Unicode; all other TeX untouched.

    >>> resolve_accents(r"na\"ive Fran\c{c}ois Ho\v{r}ava Uzna\'{n}ski")
    'naïve François Hořava Uznański'
    """
    if "\\" not in text:
        return text
    text = _SPLIT_NAME.sub(lambda m: rf"\{m[1]}{m[2]} " if m[1] + m[2] in COMMANDS else m[0], text)
    text = _ESCAPED_QUOTES.sub(r'"\1"', text)
    text = _ESCAPED_APOSTROPHE.sub("'", text)
    return _ACCENT.sub(_accented, text)


def plain_words(text: str) -> str | None:
    """Running text without formulas in Unicode; None where it holds a command we do not know."""
    unknown = False

    def character(match: re.Match[str]) -> str:
        nonlocal unknown
        if match[2]:
            return SPACES.get(match[2], match[2])
        if match[1] in CHARACTERS:
            return CHARACTERS[match[1]]
        unknown = unknown or not (match[1] in INVISIBLE or match[1] in SWITCHES or match[1] in TEXTS)
        return ""

    plain = _WORD_COMMAND.sub(character, resolve_accents(text)).replace("~", " ")
    if unknown or "\\" in plain:
        return None
    return plain.replace("{", "").replace("}", "").replace("---", "—").replace("--", "–")


def tex_name(text: str) -> str:
    r"""A person's name with TeX resolved to Unicode.

    >>> tex_name(r"Paulo Andr\'e Lima"), tex_name(r"{\L}ukasz~Kaiser"), tex_name(r"S{\o}ren Hauberg")
    ('Paulo André Lima', 'Łukasz Kaiser', 'Søren Hauberg')
    """
    if not any(mark in text for mark in "\\{}~$"):
        return " ".join(text.split())
    text = _NAME_COMMAND.sub(lambda m: CHARACTERS.get(m[1], m[0]), resolve_accents(text))
    bare = text.replace("~", " ").replace("{", "").replace("}", "").replace("$", "")
    return " ".join(unicodedata.normalize("NFC", bare).split())


def _accented(match: re.Match[str]) -> str:
    mark = _MARKS[match[1] or match[6]]
    letter = next((match[n] for n in (2, 3, 4, 5, 7, 8, 9, 10) if match[n]), "")
    if not letter:
        # An accent over nothing stands for the mark itself: \~{} is a tilde.
        return match[1]
    return unicodedata.normalize("NFC", letter + mark)
