"""Running text in TeX read into segments: macros, quotes, dashes, ties, citations, links, formulas.

Expects damage to be mended already. A command that is not known stays visible as its source.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from broadsheet.text.addresses import Address, find_addresses
from broadsheet.text.delimiters import MathSpan, math_spans
from broadsheet.text.formula import read_formula
from broadsheet.text.letters import CHARACTERS, resolve_accents
from broadsheet.text.linear import linear
from broadsheet.text.segment import Segment, SegmentKind
from broadsheet.text.symbols import (
    ACCENTS,
    COMMANDS,
    FUNCTIONS,
    INVISIBLE,
    SHORTHAND,
    SPACES,
    STYLES,
    SUPERSCRIPTS,
    SWITCHES,
    word_list,
)
from broadsheet.text.tree import UnreadableError

_SPECIAL = re.compile(r"\\(?:[A-Za-z]+\*?|.|$)|[{}~^_]|`+|''|[\"']|--+", re.DOTALL)
_SIMPLE = re.compile(r"[\d.,%\s–-]+")
_OMITTED = "[…]"  # a citation or reference whose target the text does not hold

_FORMATS = frozenset(
    word_list(
        "textbf textit textsc texttt textsf textrm textsl textup textmd textnormal text emph underline uline ul "
        "mbox hbox fbox textls uppercase lowercase MakeUppercase MakeLowercase highlight hl sout st boldtext "
        "ac acs acl acf gls Gls acrshort acrlong acrfull glsentryshort name term mathrm mathit mathnormal"
    )
) - {"name", "term", "highlight"}
_PLURALS = frozenset(["acp", "acsp", "glspl", "Glspl", "acrshortpl"])
_CITATIONS = re.compile(
    r"(?:no|full|foot|paren|text|auto|smart|super)?[cC]ite(?:p|t|alt|alp|author|year|yearpar|num|s|authoryear)?\*?|[cC]ref\*?|(?:auto|eq|page|name|sub)?ref\*?"
)
_ENVIRONMENTS = frozenset(
    word_list(
        "itemize enumerate description abstract center quote quotation flushleft document small comment"
    )
)
_IGNORED_ARGUMENT = frozenset(
    ["color", "label", "hspace", "hspace*", "vspace", "vspace*", "phantom", "footnotemark"]
)
_SWALLOWING = frozenset(word_list("ss ae AE oe OE o O l L aa i j dh DH th TH"))
_SCRIPT = re.compile(r"[\^_](?:(\{)|([-+]?\d+(?:\.\d+)?|[A-Za-z*+∗†]|\\[A-Za-z]+))")
_BASE = re.compile(r"(?:(?<![A-Za-z\d])(?:[A-Za-zͰ-Ͽ]|\d+(?:\.\d+)?)|[)\]|])$")
_WORD_BASE = re.compile(r"(?:[A-Za-z]|\d+|[)\]])$")
_APPROXIMATED = re.compile(r"(?:\d[A-Za-z%]{0,2}|(?<![A-Za-z])[A-Za-zͰ-Ͽ]|[)\]*>$<=²³])$")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_LONGEST_SOURCE = 80
_DEPTH = 4  # labels inside labels


def read_prose(text: str, *, incomplete: Collection[int] = (), depth: int = 0) -> list[Segment]:
    """The segments of a text without line breaks; formulas that start at ``incomplete`` are marked so."""
    if depth > _DEPTH:
        return [Segment(SegmentKind.TEX, text, text)]
    reader = _Reader(text, incomplete, depth)
    reader.read()
    return reader.segments


class _Reader:
    """One pass from left to right. ``closers`` says what each closing brace or quote turns into."""

    def __init__(self, text: str, incomplete: Collection[int], depth: int) -> None:
        self.text = text
        self.incomplete = incomplete
        self.depth = depth
        self.segments: list[Segment] = []
        self.buffer: list[str] = []
        self.closers: dict[int, str] = {}
        self.quoted = False
        addresses: list[MathSpan | Address] = list(find_addresses(text))
        formulas = [
            s for s in math_spans(text) if not any(a.start < s.end and s.start < a.end for a in addresses)
        ]
        self.spans = sorted([*addresses, *formulas], key=lambda span: span.start)

    def read(self) -> None:
        """Fill ``segments``."""
        text, at, place = self.text, 0, 0
        spans = self.spans
        special = _SPECIAL.search(text)
        while at < len(text):
            while place < len(spans) and spans[place].start < at:
                place += 1
            if special and special.start() < at:
                special = _SPECIAL.search(text, at)
            stop = special.start() if special else len(text)
            if place < len(spans) and spans[place].start <= stop:
                span = spans[place]
                self.buffer.append(text[at : span.start])
                if isinstance(span, Address):
                    self.add(Segment(SegmentKind.LINK, span.url, span.shown))
                else:
                    self.formula(text[span.inner : span.outer], text[span.start : span.end], span.start)
                at = span.end
                continue
            self.buffer.append(text[at:stop])
            if not special:
                break
            at = self.special(special)
        self.flush()

    def special(self, match: re.Match[str]) -> int:
        """Handle one special lexeme; where to go on."""
        lexeme, start, end = match[0], match.start(), match.end()
        if lexeme[0] == "\\":
            return self.command(lexeme[1:], start, end)
        if lexeme == "{":
            return self.open_group(start)
        if lexeme in ("}", "'"):
            self.buffer.append(self.closers.pop(start, lexeme))
        elif lexeme == "~":
            self.buffer.append(" " if self.is_tie(start) else "~")
        elif lexeme[0] == "`":
            return self.open_quote(lexeme, start, end)
        elif lexeme == "''":
            if not self.quoted and self.before(start).isdigit():
                self.buffer.append("″")
                return end
            opening = not self.quoted and not self.before(start).strip(" ([{—-") and self.after(end).isalnum()
            self.buffer.append("“" if opening else "”")
            self.quoted = opening
        elif lexeme == '"':
            self.buffer.append("”" if self.quoted else lexeme)
            self.quoted = False
        elif lexeme[0] == "-":
            option = not self.before(start).strip() and self.after(end).isalpha() and len(lexeme) == 2
            self.buffer.append(lexeme if option or len(lexeme) > 3 else "—" if len(lexeme) == 3 else "–")
        else:
            return self.script(start)
        return end

    def open_group(self, start: int) -> int:
        """A brace in running text groups and is not shown, unless it writes a set."""
        close = _matching(self.text, start)
        if close < 0:
            self.buffer.append("{")
            return start + 1
        items = self.text[start + 1 : close].split(",")
        is_set = len(items) > 1 and all(
            0 < len(item.strip()) <= 12 and "\\" not in item[:2] for item in items
        )
        self.closers[close] = "}" if is_set else ""
        self.buffer.append("{" if is_set else "")
        return start + 1

    def open_quote(self, lexeme: str, start: int, end: int) -> int:
        if len(lexeme) > 1:
            self.buffer.append("“")
            self.quoted = True
            return end
        close = re.compile(r"[^`'\s][^`']{0,80}?'(?![A-Za-z'])").match(self.text, end)
        if close and not self.before(start).isalnum():
            self.buffer.append("‘")
            self.closers[close.end() - 1] = "’"
        else:
            self.buffer.append(lexeme)
        return end

    def is_tie(self, at: int) -> bool:
        """Whether ``~`` binds two words, and is not "about" or "to": ~5, 30%~50%."""
        before, after = self.before(at), self.after(at + 1)
        if not before.strip() or not after.strip() or before in "([{~" or after in "~=":
            return False
        # Before a number: "Figure 3" and "Planck 2018", but z~6, 30%~50% and log(M)~5 mean "about" or "to".
        return not (after.isdigit() and _APPROXIMATED.search(self.text[max(0, at - 8) : at]))

    def script(self, start: int) -> int:
        """A bare ^ or _ outside of formulas: mathematics where its neighbours say so."""
        match = _SCRIPT.match(self.text, start)
        if not match:
            self.buffer.append(self.text[start])
            return start + 1
        end = match.end()
        if match[1]:
            close = _matching(self.text, end - 1)
            if close < 0:
                self.buffer.append(self.text[start])
                return start + 1
            end = close + 1
        written = "".join(self.buffer)
        if match[0][0] == "^" and (word := _raised_word(written, self.text, start)):
            self.buffer.append(word)
            return start + 1 + len(word)
        subscript = self.text[start] == "_"
        base = _BASE.search(written)
        if (
            (subscript and not base and not match[1])
            or (not match[1] and match[2][-1].isalpha() and self.text[end : end + 1].isalnum())
            or (subscript and self.text[end : end + 1].isalnum())
        ):
            self.buffer.append(self.text[start])
            return start + 1
        base = base or (_WORD_BASE.search(written) if not subscript else None)
        if base and base[0] not in ")]|":
            written = written[: base.start()]
            source = base[0]
        else:
            source = ""
        script = self.text[start:end]
        if match[2] and len(match[2]) > 1 and match[2][0] != "\\":
            script = f"{script[0]}{{{match[2]}}}"
        try:
            plain = linear(read_formula(source + script))
        except UnreadableError:
            self.buffer.append(self.text[start])
            return start + 1
        self.buffer = [written]
        self.add(Segment(SegmentKind.MATH, source + script, plain))
        return end

    def formula(self, inside: str, source: str, start: int) -> None:
        """A formula becomes MATH, a bare number TEXT, and what cannot be read stays TEX."""
        try:
            plain = linear(read_formula(inside))
        except UnreadableError:
            self.add(Segment(SegmentKind.TEX, source, " ".join(source.split()), start not in self.incomplete))
            return
        if _SIMPLE.fullmatch(plain):
            self.buffer.append(plain)
        elif plain:
            self.add(Segment(SegmentKind.MATH, inside.strip(), plain, start not in self.incomplete))
        else:
            self.buffer.append(" ")

    def command(self, name: str, start: int, end: int) -> int:
        """A command of running text; where to go on."""
        text = self.text
        if not name[:1].isalpha():
            return self.escape(name, start, end)
        starred = name.endswith("*")
        if _CITATIONS.fullmatch(name):
            return self.citation(start, end)
        if name in _IGNORED_ARGUMENT:
            return self.skip_argument(end)
        name = name.removesuffix("*")
        end -= starred
        if name in _FORMATS or name in _PLURALS or name in ("enquote", "footnote", "footnotetext", "thanks"):
            brace = _next_brace(text, end)
            close = _matching(text, brace) if brace >= 0 else -1
            if close >= 0:
                opening, closing = _AROUND.get(name, ("", "s" if name in _PLURALS else ""))
                self.buffer.append(opening)
                self.closers[close] = closing
                return brace + 1
            if name in _FORMATS:
                return end
        if name in SWITCHES or name in INVISIBLE:
            return (
                end + len(text[end:]) - len(text[end:].lstrip()) if name not in ("xspace", "protect") else end
            )
        if name in CHARACTERS:
            self.buffer.append(CHARACTERS[name])
            if text.startswith("{}", end):
                return end + 2
            return end + 1 if name in _SWALLOWING and re.match(r" [a-z]", text[end : end + 2]) else end
        if name in SPACES:
            self.buffer.append(" ")
            return end
        if (after := self.rare(name, end)) >= 0:
            return after
        return self.symbol(name, start, end)

    def escape(self, name: str, start: int, end: int) -> int:
        """A backslash and a character that is no letter."""
        if name in ("\\", "\n"):
            self.buffer.append(" ")
        elif name in SPACES:
            self.buffer.append(SPACES[name])
        elif name and name in "%&$#_{}\"'~=.|*+^<":
            self.buffer.append(name)
        else:
            self.add(Segment(SegmentKind.TEX, "\\" + name, "\\" + name))
        return end if name else start + 1

    def citation(self, start: int, end: int) -> int:
        """A citation or reference: its keys mean nothing to readers."""
        match = re.compile(r"\s*(?:\[[^\]]{0,80}\]\s*){0,2}\{[^{}]*\}").match(self.text, end)
        if not match:
            return self.unknown(start, end)
        written = "".join(self.buffer)
        self.buffer.append(_OMITTED if not written or written[-1] in " ([{" else " " + _OMITTED)
        return match.end()

    def rare(self, name: str, end: int) -> int:
        """Commands with special arguments; -1 where ``name`` is none of them."""
        text = self.text
        arguments = _arguments(text, end)
        if name in ("url", "nolinkurl", "path") and arguments:
            self.link(arguments[0][0], arguments[0][0])
            return arguments[0][1]
        if name == "href" and len(arguments) > 1:
            label = "".join(segment.plain for segment in read_prose(arguments[1][0], depth=self.depth + 1))
            self.link(arguments[0][0], label)
            return arguments[1][1]
        if name == "href" and arguments:
            self.link(arguments[0][0], arguments[0][0])
            return arguments[0][1]
        if name in ("hyperlink", "hyperref", "textcolor", "colorbox") and len(arguments) > 1:
            return self.inline(arguments[0][1])
        if name == "texorpdfstring" and len(arguments) > 1:
            inner = read_prose(arguments[0][0], depth=self.depth + 1)
            for segment in inner:
                self.add(segment)
            return arguments[1][1]
        if name in ("textsuperscript", "textsubscript") and arguments:
            inner_text = resolve_accents(arguments[0][0])
            mark = "^" if name == "textsuperscript" else "_"
            self.formula(rf"{mark}{{\text{{{inner_text}}}}}", text[end - len(name) - 1 : arguments[0][1]], -1)
            return arguments[0][1]
        if name in ("ion", "unicode") and arguments:
            count = 2 if name == "ion" else 1
            if len(arguments) >= count:
                last = arguments[count - 1][1]
                self.formula(text[end - len(name) - 1 : last], text[end - len(name) - 1 : last], -1)
                return last
        if name == "ensuremath" and arguments:
            self.formula(arguments[0][0], arguments[0][0], -1)
            return arguments[0][1]
        if name == "item":
            self.buffer.append(" • ")
            return end
        if name in ("begin", "end") and arguments and arguments[0][0] in _ENVIRONMENTS:
            self.buffer.append(" ")
            return arguments[0][1]
        if name == "verb" and (verbatim := re.compile(r"(.)(.*?)\1").match(text, end)):
            self.buffer.append(verbatim[2])
            return verbatim.end()
        return -1

    def symbol(self, name: str, start: int, end: int) -> int:
        """A mathematical command in running text, with its arguments and scripts; else unknown."""
        known = (
            name in SHORTHAND
            or name in COMMANDS
            or name in ACCENTS
            or name in STYLES
            or name in FUNCTIONS
            or name in _ARGUED
        )
        if not known:
            return self.unknown(start, end)
        text = self.text
        stop = end
        if name in _ARGUED or name in ACCENTS or name in STYLES:
            arguments = _arguments(text, end, limit=2 if name in _ARGUED and name != "sqrt" else 1)
            stop = arguments[-1][1] if arguments else end
        while (script := _SCRIPT.match(text, stop)) is not None:
            close = _matching(text, script.end() - 1) if script[1] else script.end() - 1
            if close < 0:
                break
            stop = close + 1
        try:
            plain = linear(read_formula(text[start:stop]))
        except UnreadableError:
            return self.unknown(start, end)
        self.add(Segment(SegmentKind.MATH, text[start:stop], plain))
        return stop

    def unknown(self, start: int, end: int) -> int:
        """An unknown command stays as source, with its arguments where they are short."""
        stop = end
        for _, after in _arguments(self.text, end, spaces=False):
            if after - start > _LONGEST_SOURCE:
                break
            stop = after
        source = self.text[start:stop]
        self.add(Segment(SegmentKind.TEX, source, source))
        return stop

    def link(self, url: str, shown: str) -> None:
        """A link where the address is one; otherwise its words."""
        address = re.sub(r"\\([_%#&~{}$-])", r"\1", url).strip()
        if re.match(r"https?://[^\s<>\"]+$|ftp://\S+$|mailto:\S+@\S+$", address, re.IGNORECASE):
            self.add(Segment(SegmentKind.LINK, address, shown if shown.strip() and shown != url else address))
        elif re.match(r"[\w-]+(?:\.[\w-]+)+(?:/[^\s<>\"]*)?$", address):
            self.add(Segment(SegmentKind.LINK, f"https://{address}", shown if shown.strip() else address))
        else:
            self.buffer.append(shown if shown != url else address)

    def inline(self, brace: int) -> int:
        """Go on inside the group that opens at or after ``brace``, its braces not shown."""
        opening = _next_brace(self.text, brace)
        self.closers[_matching(self.text, opening)] = ""
        return opening + 1

    def skip_argument(self, end: int) -> int:
        arguments = _arguments(self.text, end, limit=1)
        return arguments[0][1] if arguments else end

    def before(self, at: int) -> str:
        """The character before ``at``, empty at the start."""
        return self.text[at - 1 : at] if at else ""

    def after(self, at: int) -> str:
        """The character at ``at``, empty at the end."""
        return self.text[at : at + 1]

    def add(self, segment: Segment) -> None:
        """Append a segment after what is written so far."""
        self.flush()
        self.segments.append(segment)

    def flush(self) -> None:
        """Turn what is written so far into a TEXT segment."""
        written = "".join(self.buffer)
        self.buffer = []
        if written:
            self.segments.append(Segment(SegmentKind.TEXT, written, written))


def _raised_word(written: str, text: str, start: int) -> str:
    """The superscript of a word such as SP^2OT, ReST^EM or cm^-3; empty where it is none."""
    match = re.compile(r"[-+]?\d+(?!\.\d)|[A-Z]{2}(?![A-Za-z])").match(text, start + 1)
    if not match or not re.search(r"[A-Za-z]{2}$", written):
        return ""
    return "".join(SUPERSCRIPTS.get(char, "") for char in match[0])


_AROUND = {"enquote": ("“", "”"), "footnote": (" (", ")"), "footnotetext": (" (", ")"), "thanks": (" (", ")")}
_ARGUED = frozenset(
    ["frac", "dfrac", "tfrac", "nicefrac", "sfrac", "binom", "sqrt", "operatorname", "stackrel"]
)


def _matching(text: str, start: int) -> int:
    """Where the brace at ``start`` closes; -1 where it does not."""
    return _braces(text).get(start, -1)


@lru_cache(maxsize=4)
def _braces(text: str) -> dict[int, int]:
    """Where each opening brace closes."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACE.finditer(text):
        if match[0] == "{":
            opened.append(match.start())
        elif match[0] == "}" and opened:
            pairs[opened.pop()] = match.start()
    return pairs


def _next_brace(text: str, at: int) -> int:
    """Where a group opens at or after white space; -1 where none does."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at if text[at : at + 1] == "{" else -1


def _arguments(text: str, at: int, *, limit: int = 4, spaces: bool = True) -> list[tuple[str, int]]:
    """The groups that follow: what is inside, and where each ends."""
    found: list[tuple[str, int]] = []
    while len(found) < limit:
        brace = _next_brace(text, at) if spaces else (at if text[at : at + 1] == "{" else -1)
        close = _matching(text, brace) if brace >= 0 else -1
        if close < 0:
            break
        at = close + 1
        found.append((text[brace + 1 : close], at))
    return found
