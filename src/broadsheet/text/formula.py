"""A formula in TeX read into a tree; both the Unicode and the MathML form are made from it.

Reads what authors write, not all that TeX accepts; what it does not know raises ``UnreadableError``,
so that nothing is ever left out silently. Knows nothing of output forms or running text.
"""

from __future__ import annotations

import re

from broadsheet.text.letters import CHARACTERS, plain_words
from broadsheet.text.symbols import (
    ACCENTS,
    ARROWS,
    COMMANDS,
    FUNCTIONS,
    INVISIBLE,
    MATRICES,
    NEGATED,
    PAIRS,
    SHORTHAND,
    SPACES,
    STYLES,
    SWITCHES,
    TEXTS,
    UNDER_OVER,
    Role,
)
from broadsheet.text.tree import (
    Accent,
    Atom,
    Fraction,
    Grid,
    Node,
    Root,
    Row,
    Script,
    UnreadableError,
    fenced,
    letters_of,
    row_of,
)

_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.|$)|\d+(?:\.\d+)?(?:,\d{3}(?!\d))*|\s+|.", re.DOTALL)
_DEPTH = 40

_CHARACTERS: dict[str, tuple[str, Role]] = {
    "+": ("+", Role.BINARY), "-": ("−", Role.BINARY), "−": ("−", Role.BINARY), "±": ("±", Role.BINARY),
    "*": ("*", Role.OPERATOR), "×": ("×", Role.BINARY), "·": ("·", Role.BINARY), "/": ("/", Role.OPERATOR),
    "=": ("=", Role.RELATION), "<": ("<", Role.RELATION), ">": (">", Role.RELATION), ":": (":", Role.OPERATOR),
    "≤": ("≤", Role.RELATION), "≥": ("≥", Role.RELATION), "≈": ("≈", Role.RELATION), "∼": ("∼", Role.RELATION),
    "→": ("→", Role.RELATION), "∈": ("∈", Role.RELATION), "(": ("(", Role.OPEN), "[": ("[", Role.OPEN),
    ")": (")", Role.CLOSE), "]": ("]", Role.CLOSE), "|": ("|", Role.FENCE), ",": (",", Role.COMMA),
    ";": (";", Role.COMMA), "!": ("!", Role.OPERATOR), "~": (" ", Role.SPACE), "%": ("%", Role.OPERATOR),
}  # fmt: skip
_PAIRED = {">=": "≥", "<=": "≤", "->": "→", ":=": "≔", "!=": "≠", "<<": "≪", ">>": "≫"}
_FRACTIONS = frozenset(["frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "binom", "dbinom", "tbinom"])
_SIZES = re.compile(r"(?:big|Big|bigg|Bigg)[lrm]?")
_DELIMITER_ROLES = {"l": Role.OPEN, "r": Role.CLOSE}
_DROPPED_ARGUMENT = {"hspace": 1, "vspace": 1, "color": 1, "label": 1, "vphantom": 1, "hphantom": 1, "phantom": 1,
                     "rule": 2, "mspace": 1}  # fmt: skip
_KERN = re.compile(r"\s*-?[\d.]*\s*(?:mu|em|ex|pt|cm|mm)")


def read_formula(source: str) -> Node:
    """The tree of a formula, given without its dollar signs. Raises UnreadableError."""
    reader = _Reader(source)
    row = reader.row("")
    if reader.at < len(reader.tokens):
        raise UnreadableError(f"unmatched {reader.tokens[reader.at]!r}")
    return row


class _Reader:
    """Recursive descent over tokens; ``at`` is the next one."""

    def __init__(self, source: str) -> None:
        self.tokens = _TOKEN.findall(source)
        self.at = 0
        self.depth = 0
        self.scripted = 0

    def row(self, style: str, *ends: str) -> Node:
        """Everything up to one of ``ends``, to a closing brace, or to the end; the end is not consumed."""
        items: list[Node] = []
        infix: tuple[str, list[Node]] | None = None
        tokens = self.tokens
        while self.at < len(tokens):
            lexeme = tokens[self.at]
            if lexeme in ends or lexeme == "}":
                break
            if lexeme in (r"\over", r"\choose", r"\atop"):
                if infix:
                    raise UnreadableError(f"second {lexeme}")
                infix, items = (lexeme, items), []
                self.at += 1
            elif lexeme[0] == "\\" and lexeme[1:] in SWITCHES:
                style = STYLES.get(lexeme[1:], style)
                self.at += 1
                self.skip_space()
            elif lexeme == "\\color":
                self.at += 1
                self.raw_argument()
            else:
                self.element(items, style)
        if infix:
            command, over = infix
            fraction = Fraction(row_of(over), row_of(items), bar=command == r"\over")
            return fenced("(", fraction, ")") if command == r"\choose" else fraction
        return row_of(items)

    def element(self, items: list[Node], style: str) -> None:
        """Read one thing with its scripts and append it."""
        lexeme = self.tokens[self.at]
        if lexeme in "^_'":
            base: Node = items.pop() if items and not _is_space(items[-1]) else Atom("", Role.LETTER)
            self.scripted += isinstance(base, Script)
            if self.scripted > _DEPTH:
                raise UnreadableError("scripts of scripts without end")
        elif lexeme[0].isspace():
            self.at += 1
            if style in ("rm", "tt", "sf") and items and not _is_space(items[-1]):
                # Words set upright in mathematics lose their spaces in TeX; readers want them back.
                items.append(Atom(" ", Role.SPACE))
            return
        else:
            node = self.one(style)
            if node is None:
                return
            base = node
        belows: list[Node] = []
        aboves: list[Node] = []
        limits = False
        while True:
            mark = self.at
            while self.peek().isspace() or self.peek() in (r"\limits", r"\nolimits"):
                self.at += 1
            lexeme = self.peek()
            if lexeme == "'":
                primes = 0
                while self.peek() == "'":
                    self.at += 1
                    primes += 1
                aboves.append(Atom("′" * primes, Role.OPERATOR))
            elif lexeme == "^":
                self.at += 1
                aboves.append(self.script(style, base))
            elif lexeme == "_":
                self.at += 1
                belows.append(self.script(style, base))
            else:
                self.at = mark
                break
        below = row_of(belows) if belows else None
        above = row_of(aboves) if aboves else None
        if (
            isinstance(base, Script)
            and base.limits
            and base.above is None
            and above is not None
            and below is None
        ):
            base, above, limits = base._replace(above=above), None, True
        elif (
            isinstance(base, Script)
            and base.limits
            and base.below is None
            and below is not None
            and above is None
        ):
            base, below, limits = base._replace(below=below), None, True
        items.append(base if limits or (below is None and above is None) else Script(base, below, above))

    def one(self, style: str) -> Node | None:
        """The next thing without its scripts; None where it says nothing."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise UnreadableError("nested too deeply")
        node = self.thing(style)
        self.depth -= 1
        return node

    def thing(self, style: str) -> Node | None:
        """What ``one`` gives, at any depth."""
        lexeme = self.tokens[self.at]
        self.at += 1
        if lexeme == "{":
            body = self.row(style)
            self.expect("}")
            if isinstance(body, Atom) and body.role in (Role.COMMA, Role.BINARY, Role.RELATION):
                # Braces make a symbol an ordinary one, so that 1{,}000 is one number.
                return body._replace(role=Role.OPERATOR)
            return body
        if lexeme[0] == "\\":
            return self.command(lexeme[1:], style)
        if lexeme[0].isdigit() and lexeme.isascii():
            return Atom(lexeme, Role.NUMBER, style)
        if pair := _PAIRED.get(lexeme + self.peek()):
            self.at += 1
            return Atom(pair, Role.RELATION)
        if lexeme in _CHARACTERS:
            text, role = _CHARACTERS[lexeme]
            return Atom(text, role)
        if lexeme == "&":
            raise UnreadableError("stray &")
        return Atom(lexeme, Role.LETTER if lexeme.isalnum() else Role.OPERATOR, style)

    def command(self, name: str, style: str) -> Node | None:
        """What a command says, with its arguments."""
        if name in SHORTHAND:
            return Atom(SHORTHAND[name], Role.TEXT)
        if name in COMMANDS:
            text, role = COMMANDS[name]
            return Atom(text, role, style)
        if name in SPACES:
            return Atom(SPACES[name], Role.SPACE)
        if name in FUNCTIONS:
            return Atom(
                "arg max" if name == "argmax" else "arg min" if name == "argmin" else name, Role.FUNCTION
            )
        if name in INVISIBLE:
            return None
        if name in STYLES:
            return self.argument(STYLES[name])
        if name in TEXTS:
            return self.text()
        if name in ACCENTS:
            combining, mark, below = ACCENTS[name]
            return Accent(self.argument(style), combining, mark, below)
        if name in _FRACTIONS:
            over, under = self.argument(style), self.argument(style)
            binomial = name.endswith("binom")
            fraction = Fraction(over, under, bar=not binomial)
            return fenced("(", fraction, ")") if binomial else fraction
        if name == "sqrt":
            self.skip_space()
            degree = self.option(style)
            return Root(self.argument(style), degree)
        if name in ("left", "right", "middle") or _SIZES.fullmatch(name):
            return self.delimited(name, style)
        if name in ("operatorname", "mathop", "DeclareMathOperator"):
            if self.peek() == "*":
                self.at += 1
            return Atom(letters_of(self.argument("rm")), Role.FUNCTION)
        return self.rare(name, style)

    def rare(self, name: str, style: str) -> Node | None:
        """Commands that few formulas use."""
        if name in _DROPPED_ARGUMENT:
            for _ in range(_DROPPED_ARGUMENT[name]):
                self.raw_argument()
            return Atom(" ", Role.SPACE) if name in ("hspace", "phantom", "hphantom", "mspace") else None
        if name in ("kern", "mkern", "hskip", "mskip"):
            rest = "".join(self.tokens[self.at :])
            if width := _KERN.match(rest):
                self.tokens[self.at :] = _TOKEN.findall(rest[width.end() :])
                return None
        elif name in ("stackrel", "overset", "underset"):
            mark, base = self.argument(style), self.argument(style)
            return Script(base, mark, None, True) if name == "underset" else Script(base, None, mark, True)
        elif name in UNDER_OVER:
            brace = Atom(UNDER_OVER[name], Role.OPERATOR, stretchy=True)
            below = name.startswith("under")
            body = self.argument(style)
            return Script(body, brace, None, True) if below else Script(body, None, brace, True)
        elif name in ARROWS:
            below_arrow = self.option(style)
            return Script(
                Atom(ARROWS[name], Role.RELATION, stretchy=True), below_arrow, self.argument(style), True
            )
        elif name in ("textcolor", "colorbox"):
            self.raw_argument()
            return self.argument(style)
        elif name in (
            "boxed",
            "smash",
            "mathstrut",
            "cancel",
            "hphantom",
            "ensuremath",
            "mathclap",
            "mathllap",
        ):
            self.option(style)
            return self.argument(style)
        elif name == "not":
            return _negated(self.argument(style))
        elif name in ("pmod", "bmod", "mod", "pod"):
            word = Atom("mod", Role.FUNCTION)
            if name == "bmod":
                return Row((Atom(" ", Role.SPACE), word, Atom(" ", Role.SPACE)))
            body = Row((word, Atom(" ", Role.SPACE), self.argument(style)))
            return Row((Atom(" ", Role.SPACE), fenced("(", body, ")") if name != "mod" else body))
        elif name == "substack":
            return self.grid("}", style, opened=True)
        elif name == "begin":
            return self.environment(style)
        elif name == "unicode":
            return _code_point(self.raw_argument())
        elif name in ("textsuperscript", "textsubscript"):
            body = self.text()
            return Script(
                Atom("", Role.LETTER), *((None, body) if name == "textsuperscript" else (body, None))
            )
        elif name in ("num", "ang", "SI", "qty", "si", "unit", "SIrange"):
            raise UnreadableError(f"\\{name}")
        elif name == "texorpdfstring":
            body = self.argument(style)
            self.raw_argument()
            return body
        elif name == "ion":
            return Atom(f"{self.raw_argument()} {self.raw_argument().upper()}", Role.TEXT)
        elif name in ("ket", "bra", "braket", "Ket", "Bra", "abs", "norm", "ceil", "floor", "set"):
            opening, closing = PAIRS[name.lower()]
            return fenced(opening, self.argument(style), closing)
        elif name in ("(", ")"):
            raise UnreadableError("formula inside a formula")
        elif name in CHARACTERS and name not in ("o", "l", "O", "L", "i", "j", "th", "ng"):
            return Atom(CHARACTERS[name], Role.TEXT)
        raise UnreadableError(f"\\{name}")

    def delimited(self, name: str, style: str) -> Node:
        """A delimiter after left, right, middle or one of the sizes; left reads up to its right."""
        delimiter = self.delimiter()
        if name != "left":
            role = (
                _DELIMITER_ROLES.get(name[-1], delimiter.role)
                if name not in ("right", "middle")
                else Role.CLOSE
            )
            role = Role.FENCE if name == "middle" else role
            return delimiter._replace(role=role)
        opening = delimiter._replace(role=Role.OPEN, stretchy=True)
        body = self.row(style, r"\right")
        if self.peek() != r"\right":
            return Row((opening._replace(stretchy=False), body))
        self.at += 1
        closing = self.delimiter()._replace(role=Role.CLOSE, stretchy=True)
        return Row(
            tuple(part for part in (opening, body, closing) if part != Row(()) and _text_of(part) != ".")
        )

    def delimiter(self) -> Atom:
        """The symbol that stands after left, right or a size."""
        self.skip_space()
        if self.at >= len(self.tokens) or self.peek() in "{}^_":
            raise UnreadableError("no delimiter")
        node = self.one("")
        if not isinstance(node, Atom):
            raise UnreadableError("no delimiter")
        return node

    def argument(self, style: str) -> Node:
        """The next group or single symbol."""
        self.skip_space()
        lexeme = self.peek()
        if lexeme in ("", "}", "^", "_", "&"):
            raise UnreadableError("missing argument")
        if lexeme[0].isdigit() and len(lexeme) > 1:
            self.tokens[self.at] = lexeme[1:]
            return Atom(lexeme[0], Role.NUMBER, style)
        return self.one(style) or Row(())

    def script(self, style: str, base: Node) -> Node:
        """The argument of ^ or _. ``10^12`` means what its author meant."""
        self.skip_space()
        lexeme = self.peek()
        number = isinstance(base, Atom) and base.role is Role.NUMBER
        if lexeme == r"\deg":
            self.at += 1
            return Atom("°", Role.OPERATOR)
        if number and lexeme[:1].isdigit():
            self.at += 1
            return Atom(lexeme, Role.NUMBER)
        return self.argument("" if style in ("cal", "bb", "frak") else style)

    def option(self, style: str) -> Node | None:
        """An optional argument in brackets."""
        if self.peek() != "[":
            return None
        self.at += 1
        body = self.row(style, "]")
        self.expect("]")
        return body

    def raw_argument(self) -> str:
        """The next group as it was written."""
        self.skip_space()
        if self.peek() != "{":
            lexeme = self.peek()
            if lexeme in ("", "}"):
                raise UnreadableError("missing argument")
            self.at += 1
            return lexeme
        start = self.at + 1
        level = 0
        while self.at < len(self.tokens):
            level += {"{": 1, "}": -1}.get(self.tokens[self.at], 0)
            self.at += 1
            if level == 0:
                return "".join(self.tokens[start : self.at - 1])
        raise UnreadableError("brace never closed")

    def text(self) -> Node:
        """Running text inside a formula, which may hold formulas again."""
        parts: list[Node] = []
        for number, part in enumerate(self.raw_argument().split("$")):
            if number % 2:
                parts.append(read_formula(part))
            elif part:
                parts.append(_words(part))
        return row_of(parts)

    def environment(self, style: str) -> Node:
        """What stands between begin and end."""
        name = self.raw_argument()
        if name not in MATRICES:
            raise UnreadableError(rf"\begin{{{name}}}")
        if name == "array":
            self.raw_argument()
        opening, closing = MATRICES[name]
        grid = self.grid(r"\end", style)
        self.expect(r"\end")
        if self.raw_argument() != name:
            raise UnreadableError(rf"\begin{{{name}}} not ended")
        return fenced(opening, grid, closing)

    def grid(self, end: str, style: str, *, opened: bool = False) -> Node:
        """Rows and cells up to ``end``."""
        if opened:
            self.expect("{")
        rows: list[tuple[Node, ...]] = []
        cells: list[Node] = []
        while True:
            cells.append(self.row(style, "&", r"\\", end))
            lexeme = self.peek()
            if lexeme == "&":
                self.at += 1
                continue
            rows.append(tuple(cells))
            cells = []
            if lexeme != r"\\":
                break
            self.at += 1
        if opened:
            self.expect("}")
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else Grid(tuple(rows))

    def peek(self) -> str:
        """The next lexeme, empty at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def expect(self, lexeme: str) -> None:
        """Consume a lexeme that must come now."""
        self.skip_space()
        if self.peek() != lexeme:
            raise UnreadableError(f"expected {lexeme!r}, got {self.peek()!r}")
        self.at += 1

    def skip_space(self) -> None:
        """Go past white space."""
        while self.at < len(self.tokens) and self.tokens[self.at][0].isspace():
            self.at += 1


def _is_space(node: Node) -> bool:
    return isinstance(node, Atom) and node.role is Role.SPACE


def _text_of(node: Node) -> str:
    return node.text if isinstance(node, Atom) else ""


def _negated(node: Node) -> Node:
    if not isinstance(node, Atom) or not node.text:
        raise UnreadableError("nothing to negate")
    return node._replace(text=NEGATED.get(node.text, node.text + "\u0338"))


def _code_point(text: str) -> Node:
    digits = text.strip().lower()
    try:
        number = int(digits[1:], 16) if digits[:1] == "x" else int(digits)
        char = chr(number)
    except (ValueError, OverflowError):
        raise UnreadableError(rf"\unicode{{{text}}}") from None
    if not char.isprintable():
        raise UnreadableError(rf"\unicode{{{text}}}")
    return Atom(char, Role.LETTER if char.isalpha() else Role.OPERATOR)


def _words(text: str) -> Node:
    plain = plain_words(text)
    if plain is None:
        raise UnreadableError(text)
    return Atom(plain, Role.TEXT)
