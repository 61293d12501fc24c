"""What TeX's mathematical commands look like in Unicode, and how they behave in a row. Tables only."""

from __future__ import annotations

import unicodedata
from enum import Enum


class Role(Enum):
    """How a symbol behaves next to others; decides spacing and the MathML element."""

    LETTER = "letter"
    NUMBER = "number"
    RELATION = "relation"
    BINARY = "binary"
    OPERATOR = "operator"  # tight: / ! ∂ ∇
    LARGE = "large"  # ∑ ∏ ∫
    FUNCTION = "function"  # log, max
    OPEN = "open"
    CLOSE = "close"
    FENCE = "fence"  # | ‖: opens or closes
    COMMA = "comma"
    TEXT = "text"
    SPACE = "space"


def _table(role: Role, pairs: str) -> dict[str, tuple[str, Role]]:
    words = pairs.split()
    return {name: (char, role) for name, char in zip(words[::2], words[1::2], strict=True)}


def word_list(text: str) -> tuple[str, ...]:
    """The words of a list written as one text."""
    return tuple(text.split())


COMMANDS: dict[str, tuple[str, Role]] = {
    **_table(
        Role.LETTER,
        "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε eps ε zeta ζ eta η theta θ vartheta ϑ "
        "iota ι kappa κ varkappa ϰ lambda λ mu μ upmu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ "
        "sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω digamma ϝ "
        "Alpha Α Beta Β Gamma Γ varGamma Γ Delta Δ varDelta Δ Epsilon Ε Zeta Ζ Eta Η Theta Θ Iota Ι "
        "Kappa Κ Lambda Λ varLambda Λ Mu Μ Nu Ν Xi Ξ Omicron Ο Pi Π Rho Ρ Sigma Σ varSigma Σ Tau Τ "
        "Upsilon Υ Phi Φ Chi Χ Psi Ψ Omega Ω varOmega Ω "
        "ell ℓ hbar ℏ hslash ℏ imath ı jmath ȷ Re ℜ Im ℑ wp ℘ aleph ℵ beth ℶ gimel ℷ eth ð "
        "infty ∞ emptyset ∅ varnothing ∅ diameter ⌀ prime ′ dprime ″ degree ° deg deg top ⊤ bot ⊥ "
        "angle ∠ measuredangle ∡ triangle △ square □ Box □ blacksquare ■ lozenge ◊ Diamond ◇ "
        "bigstar ★ spadesuit ♠ heartsuit ♡ diamondsuit ♢ clubsuit ♣ checkmark ✓ natural ♮ sharp ♯ flat ♭ "
        "mho ℧ AA Å angstrom Å Angstrom Å arcsec ″ arcmin ′ degr ° arcdeg ° textdegree ° "
        "micron μm um μm sun ⊙ Sun ⊙ Earth ⊕ earth ⊕ Jupiter ♃ jupiter ♃ dag † ddag ‡ dagger † ddagger ‡ S § P ¶ "
        "copyright © pounds £ yen ¥ euro € circledR ® textregistered ® permil ‰ textperthousand ‰ "
        "dots … ldots … dotsc … dotso … cdots ⋯ dotsb ⋯ dotsm ⋯ dotsi ⋯ vdots ⋮ ddots ⋱ "
        "backslash \\ textbackslash \\ percent % pounds £ complement ∁ surd √ Bbbk 𝕜",
    ),
    **_table(
        Role.RELATION,
        "leq ≤ le ≤ leqslant ≤ geq ≥ ge ≥ geqslant ≥ leqq ≦ geqq ≧ neq ≠ ne ≠ lt < gt > ll ≪ lll ⋘ gg ≫ ggg ⋙ "
        "less < greater > equiv ≡ sim ∼ nsim ≁ simeq ≃ approx ≈ approxeq ≊ thickapprox ≈ thicksim ∼ cong ≅ ncong ≇ "
        "asymp ≍ doteq ≐ propto ∝ varpropto ∝ coloneqq ≔ coloneq ≔ eqqcolon ≕ triangleq ≜ eqdef ≝ "
        "lesssim ≲ gtrsim ≳ lessapprox ⪅ gtrapprox ⪆ lessgtr ≶ gtrless ≷ lesseqgtr ⋚ gtreqless ⋛ lnsim ⋦ gnsim ⋧ "
        "prec ≺ succ ≻ preceq ⪯ succeq ⪰ preccurlyeq ≼ succcurlyeq ≽ precsim ≾ succsim ≿ "
        "subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ nsubseteq ⊈ Subset ⋐ sqsubset ⊏ "
        "sqsupset ⊐ sqsubseteq ⊑ sqsupseteq ⊒ in ∈ notin ∉ ni ∋ owns ∋ mid ∣ nmid ∤ divides ∣ parallel ∥ "
        "nparallel ∦ perp ⟂ vdash ⊢ dashv ⊣ models ⊨ vDash ⊨ Vdash ⊩ nvdash ⊬ nvDash ⊭ bowtie ⋈ Join ⋈ "
        "smile ⌣ frown ⌢ between ≬ pitchfork ⋔ therefore ∴ because ∵ colon : "
        "to → rightarrow → longrightarrow ⟶ Rightarrow ⇒ Longrightarrow ⟹ implies ⟹ leftarrow ← gets ← "
        "longleftarrow ⟵ Leftarrow ⇐ Longleftarrow ⟸ impliedby ⟸ leftrightarrow ↔ longleftrightarrow ⟷ "
        "Leftrightarrow ⇔ Longleftrightarrow ⟺ iff ⟺ mapsto ↦ longmapsto ⟼ hookrightarrow ↪ hookleftarrow ↩ "
        "twoheadrightarrow ↠ rightarrowtail ↣ leadsto ⇝ rightsquigarrow ⇝ leftrightsquigarrow ↭ "
        "rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼ rightleftharpoons ⇌ leftrightharpoons ⇋ "
        "rightleftarrows ⇄ leftrightarrows ⇆ rightrightarrows ⇉ dashrightarrow ⇢ multimap ⊸ nrightarrow ↛ "
        "uparrow ↑ downarrow ↓ Uparrow ⇑ Downarrow ⇓ updownarrow ↕ upuparrows ⇈ downdownarrows ⇊ "
        "nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ circlearrowright ↻ circlearrowleft ↺ curvearrowright ↷ "
        "lessdot ⋖ gtrdot ⋗ nleq ≰ ngeq ≱ nless ≮ ngtr ≯ trianglelefteq ⊴ trianglerighteq ⊵ "
        "vartriangleleft ⊲ vartriangleright ⊳",
    ),
    **_table(
        Role.BINARY,
        "pm ± mp ∓ times × texttimes × div ÷ cdot · cdotp · centerdot · ast ∗ star ⋆ circ ∘ bullet • "
        "cap ∩ cup ∪ bigcirc ◯ uplus ⊎ sqcap ⊓ sqcup ⊔ vee ∨ lor ∨ wedge ∧ land ∧ veebar ⊻ setminus ∖ "
        "smallsetminus ∖ wr ≀ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ circledast ⊛ circledcirc ⊚ "
        "boxplus ⊞ boxtimes ⊠ boxdot ⊡ ltimes ⋉ rtimes ⋊ amalg ⨿ dotplus ∔ diamond ⋄ bigtriangleup △ "
        "bigtriangledown ▽ triangleleft ◁ triangleright ▷ intercal ⊺ barwedge ⊼",
    ),
    **_table(
        Role.OPERATOR,
        "partial ∂ nabla ∇ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ slash / textslash / & & # # $ $ % % _ _",
    ),
    **_table(
        Role.LARGE,
        "sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcap ⋂ bigcup ⋃ bigsqcup ⨆ bigvee ⋁ "
        "bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ biguplus ⨄",
    ),
    **_table(
        Role.OPEN, "{ { lbrace { langle ⟨ lceil ⌈ lfloor ⌊ lbrack [ lvert | lVert ‖ llbracket ⟦ ulcorner ⌜"
    ),
    **_table(
        Role.CLOSE, "} } rbrace } rangle ⟩ rceil ⌉ rfloor ⌋ rbrack ] rvert | rVert ‖ rrbracket ⟧ urcorner ⌝"
    ),
    **_table(Role.FENCE, "| ‖ Vert ‖ vert |"),
}

FUNCTIONS = frozenset(
    word_list(
        "arccos arcsin arctan arctanh arg argmax argmin cos cosh cot coth csc det dim exp gcd hom inf ker lg "
        "lim liminf limsup ln log max min Pr sec sin sinh sup tan tanh injlim projlim Tr "
        "poly polylog"
    )
)

# Widths do not matter to readers: every space is one space, a negative one is none.
SPACES = {
    **dict.fromkeys(
        [",", ":", ";", ">", " ", "/", "quad", "qquad", "enspace", "thinspace", "medspace", "thickspace"], " "
    ),
    **dict.fromkeys(["space", "enskip", "nobreakspace", "hfill", "hfil", "\\", "newline", "linebreak"], " "),
    **dict.fromkeys(["!", "negthinspace", "negmedspace", "-", "@", "allowbreak", "null", "strut"], ""),
}

# Commands that change how a formula is set, not what it says.
INVISIBLE = frozenset(
    word_list(
        "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag relax protect "
        "boldmath unboldmath small footnotesize scriptsize tiny large Large LARGE huge Huge normalsize "
        "ensuremath xspace noindent mathord mathbin mathrel mathopen mathclose mathpunct mathinner "
        "centering selectfont"
    )
)

# Accent: combining mark for one letter, spacing mark for MathML, whether it goes below.
ACCENTS: dict[str, tuple[str, str, bool]] = {
    "hat": ("\u0302", "^", False),
    "widehat": ("\u0302", "^", False),
    "tilde": ("\u0303", "~", False),
    "tilda": ("\u0303", "~", False),
    "widetilde": ("\u0303", "~", False),
    "bar": ("\u0304", "¯", False),
    "overline": ("\u0305", "¯", False),
    "underline": ("\u0332", "_", True),
    "underbar": ("\u0332", "_", True),
    "uline": ("\u0332", "_", True),
    "dot": ("\u0307", "˙", False),
    "ddot": ("\u0308", "¨", False),
    "dddot": ("\u20db", "⃛", False),
    "vec": ("\u20d7", "→", False),
    "overrightarrow": ("\u20d7", "→", False),
    "overleftarrow": ("\u20d6", "←", False),
    "check": ("\u030c", "ˇ", False),
    "widecheck": ("\u030c", "ˇ", False),
    "breve": ("\u0306", "˘", False),
    "acute": ("\u0301", "´", False),
    "grave": ("\u0300", "`", False),
    "mathring": ("\u030a", "˚", False),
}

# Font commands, with argument and as switches.
STYLES = {
    **dict.fromkeys(["mathbb", "mathbbm", "mathds", "Bbb", "mathbbold"], "bb"),
    **dict.fromkeys(["mathcal", "mathscr", "cal", "mathpzc", "scr", "euscr"], "cal"),
    **dict.fromkeys(["mathfrak", "frak"], "frak"),
    **dict.fromkeys(["mathbf", "boldsymbol", "bm", "pmb", "bf", "mathbfit", "bfseries", "bold"], "bf"),
    **dict.fromkeys(["mathrm", "rm", "mathup", "rmfamily", "upshape", "mathnormal", "up"], "rm"),
    **dict.fromkeys(["mathit", "it", "itshape", "sl", "slshape", "em", "mit"], "it"),
    **dict.fromkeys(["mathsf", "sf", "sffamily"], "sf"),
    **dict.fromkeys(["mathtt", "tt", "ttfamily"], "tt"),
    **dict.fromkeys(["mathsc", "sc", "scshape"], "rm"),
}
SWITCHES = frozenset(
    word_list(
        "cal frak bf bfseries rm rmfamily upshape up it itshape sl slshape em sf sffamily tt ttfamily sc scshape mit"
    )
)

_ALPHABETS = {
    "bb": "DOUBLE-STRUCK",
    "cal": "SCRIPT",
    "frak": "FRAKTUR",
    "bf": "BOLD",
    "sf": "SANS-SERIF",
    "tt": "MONOSPACE",
}
_OLDER = {"bb": "DOUBLE-STRUCK", "cal": "SCRIPT", "frak": "BLACK-LETTER"}


def styled(char: str, style: str) -> str:
    """The mathematical letter for a plain one, or the plain one where Unicode has none.

    >>> styled("R", "bb"), styled("O", "cal"), styled("x", "bf")
    ('ℝ', '𝒪', '𝐱')
    """
    alphabet = _ALPHABETS.get(style)
    if alphabet is None or len(char) != 1:
        return char
    if char.isdecimal():
        names = [f"MATHEMATICAL {alphabet} {unicodedata.name(char, '')}"]
    else:
        names = [
            unicodedata.name(char, "")
            .replace(" LETTER", "")
            .replace(script, f"{new} {alphabet}")
            .replace(f"GREEK {alphabet}", alphabet)
            for script, new in (("LATIN", "MATHEMATICAL"), ("GREEK", "MATHEMATICAL"))
        ]
        if style in _OLDER:
            names += (
                [f"{_OLDER[style]} CAPITAL {char.upper()}"]
                if char.isupper()
                else [f"{_OLDER[style]} SMALL {char.upper()}"]
            )
    for name in names:
        try:
            return unicodedata.lookup(name)
        except KeyError:
            continue
    return char


SUPERSCRIPTS = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW⊤∗*′″°∘†‡βγδθφχ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵀ**′″°°†‡ᵝᵞᵟᶿᵠᵡ",
        strict=True,
    )
)
SUBSCRIPTS = dict(
    zip(
        "0123456789+-−=()aehijklmnoprstuvxβγρφχ⊙⊕",
        "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ⊙⊕",
        strict=True,
    )
)
VULGAR = {
    ("1", "2"): "½", ("1", "3"): "⅓", ("2", "3"): "⅔", ("1", "4"): "¼", ("3", "4"): "¾", ("1", "5"): "⅕",
    ("2", "5"): "⅖", ("3", "5"): "⅗", ("4", "5"): "⅘", ("1", "6"): "⅙", ("5", "6"): "⅚", ("1", "8"): "⅛",
    ("3", "8"): "⅜", ("5", "8"): "⅝", ("7", "8"): "⅞",
}  # fmt: skip
MATRICES = {
    "matrix": ("", ""), "smallmatrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "array": ("", ""),
    "Bmatrix": ("{", "}"), "vmatrix": ("|", "|"), "Vmatrix": ("‖", "‖"), "cases": ("{", ""), "aligned": ("", ""),
    "align": ("", ""), "align*": ("", ""), "equation": ("", ""), "equation*": ("", ""), "split": ("", ""),
    "gather": ("", ""), "gathered": ("", ""), "math": ("", ""), "displaymath": ("", ""),
}  # fmt: skip
PAIRS = {"ket": ("|", "⟩"), "bra": ("⟨", "|"), "braket": ("⟨", "⟩"), "abs": ("|", "|"), "norm": ("‖", "‖"),
          "ceil": ("⌈", "⌉"), "floor": ("⌊", "⌋"), "set": ("{", "}")}  # fmt: skip
NEGATED = {"=": "≠", "∈": "∉", "⊂": "⊄", "⊆": "⊈", "≡": "≢", "∼": "≁", "≈": "≉", "<": "≮", ">": "≯", "→": "↛",
            "∃": "∄", "∣": "∤", "⊨": "⊭", "⟹": "⇏", "⇒": "⇏", "⟂": "⟂̸", "≤": "≰", "≥": "≱"}  # fmt: skip
UNDER_OVER = {"overbrace": "⏞", "underbrace": "⏟", "overbracket": "⎴", "underbracket": "⎵"}
ARROWS = {"xrightarrow": "→", "xleftarrow": "←", "xleftrightarrow": "↔", "xRightarrow": "⇒", "xmapsto": "↦"}
# Macros that every astronomer defines, always for the same thing.
SHORTHAND = {
    **dict.fromkeys(["kms", "kmps"], "km s⁻¹"),
    **dict.fromkeys(["msun", "Msun", "MSun", "Msol", "msol"], "M⊙"),
    **dict.fromkeys(["lsun", "Lsun", "LSun"], "L⊙"),
    **dict.fromkeys(["rsun", "Rsun", "RSun"], "R⊙"),
    "lya": "Lyα", "Lya": "Lyα", "hbeta": "Hβ", "halpha": "Hα", "Ha": "Hα", "Hb": "Hβ", "muG": "μG",
}  # fmt: skip
# Commands whose argument is running text.
TEXTS = frozenset(
    word_list(
        "text textrm textnormal textup mbox hbox textmd textsc textsl textbf textit texttt textsf emph fbox ac acs acl gls"
    )
)
