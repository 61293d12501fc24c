"""What a text is about, in phrases its reader would use. Needs no corpus; knows nothing of papers.

Candidates are runs of words that no verb or small word interrupts (Rose et al. 2010); they are weighed by
how often and where they stand and by how telling their words are, measured by the share of arXiv abstracts
without the word (``scripts/count_words.py``).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import pairwise

from broadsheet.model import Acronym
from broadsheet.text import acronyms

Key = tuple[str, ...]  # the stems of a phrase

_RUN = re.compile(r"[^\W\d_][\w+*]*(?:[-–'’/][\w+*]+)*|(?<!\d)\d+[A-Za-z][\w-]*|\S")
_STOP = frozenset(
    """a about above across after again against all almost along already also although always am among an and another any
    anything apart are around as at away back based be became because become becomes been before behind being below
    between beyond both but by can cannot could despite did different do does doing done down due during each either
    else enough especially etc even ever every everything existing far few finally first for former four from further
    furthermore given hence her here hereby high highly his how however i if in including indeed instead into is it its
    itself just largely last latter least less let like likely low made mainly make makes making many may me might more
    moreover most mostly much must my namely near nearly need needs neither never nevertheless next no none nor not
    nothing novel now of off often on once one only onto or other others our ourselves out over own particular per
    perhaps present previous previously quite rather really recent recently regarding respectively same second see
    seem seems several shall she should show since so some something sometimes somewhat soon still such than that the
    their them themselves then there thereby therefore these they third this those though three through throughout
    thus to together too toward towards two under unless unlike until up upon us use used using various very via was
    we well were what when where whereas whether which while who whole whom whose why will with within without would
    yet you your new effective efficient significant significantly key extensive comprehensive better best good strong
    crucial critical important essential main major real simple able available possible promising popular current
    modern traditional conventional common wide large small larger smaller great full overall potential substantial
    superior competitive challenging difficult powerful diverse multiple single entire respective specific certain
    well-known widely commonly directly jointly effectively efficiently automatically simultaneously increasingly
    particularly specifically primarily typically generally consistently existing proposed state-of-the-art sota e.g i.e
    et al vs ours long short fully rich complex additional original final average total called named due limited
    systematic robust scalable end-to-end first-of-its-kind unprecedented corresponding standard top better-performing
    up-to-date notable remarkable considerable rapid growing increasing emerging leading""".split()
)
# Verbs that stand between noun phrases; endings tell most others.
_VERBS = frozenset(
    """achieve achieves achieved address addresses addressed allow allows apply applied aim aims analyze appear become
    bring build builds capture captures combine combines compare compared compute conduct conducted consider consists
    construct contain contains demonstrate demonstrated demonstrates derive describe design designed detect determine
    develop developed enable enables enhance enhances ensure ensures establish evaluate evaluated evaluates examine
    exhibit exhibits exist exists explore explores extend extends extract face faces fail fails find finds found follow
    generate generates get give gives go has have having had help helps hinder identify implement improve improves
    improved include includes incorporate incorporates increase indicate integrate integrates introduce introduced
    introduces investigate involve involves keep know known lack lacks lead leads learn learned learns leverage
    leverages maintain maintains mitigate obtain obtained offer offers operate optimize outperform outperforms
    outperforming overcome perform performs play plays pose poses predict preserve prevent produce produces propose
    proposed proposes prove provide provides reach reduce reduces rely relies rely remain remains report reported
    represent represents require requires resolve result resulting results reveal reveals run say seek serve serves
    shown shows solve solves studied struggle struggles suffer suffers suggest suggests support supports surpass
    surpasses tackle take takes train transform uncover understand utilize utilizes validate verify work works yield
    yields release released publicly open-sourced evaluating achieving enabling improving reducing leveraging
    generating enhancing scaling unlocking rethinking bridging filling exploring investigating understanding decoding
    identifying handling coupling toward learning-based demonstrating addressing introducing showing providing making ensuring capturing leading allowing requiring
    exploiting exploring employing employ employs limiting highlighting outperform underlying aligning adapting""".split()
)
# Nouns that end a phrase without saying anything, and words of academic talk.
EMPTY = frozenset(
    """ability abilities accuracy advance advances advantage aim analysis application applications approach approaches area
    aspect aspects author authors baseline baselines benefit capability capabilities case cases challenge challenges
    code community component components comparison concept conclusion contribution contributions cost data dataset
    datasets demand demonstration design detail details development difference effect effectiveness efficiency effort
    evaluation evidence example experiment experiments experimental extensive factor fact feature features field fields
    finding findings focus form framework frameworks function gain gains gap gaps github goal group idea impact
    implementation importance improvement improvements information insight insights interest issue issues kind level
    levels limitation limitations literature manner mechanism metric metrics method methodology methods model models
    module modules need nature number objective order paper papers part parts performance period perspective point
    potential practice principle problem problems procedure process project property properties purpose quality question
    questions range rate reason repository research researchers result results review role scale scenario scenarios
    scheme score scores set setting settings solution solutions stage stages state step steps strategies strategy
    structure studies study success survey system systems table target task tasks technique techniques technology
    terms test time tool tools topic training trend type types use user users validity value values variety version
    view way ways website work works world year years page url https http com first-time percent""".split()
)
# Empty nouns that may still end a longer phrase: "question answering system" says more than its parts.
HEADS = frozenset(
    "model models data dataset function functions field fields analysis code problem problems question questions network "
    "networks system systems set test theory time".split()
)
NOT_LAST = (
    "able",
    "ive",
    "ous",
    "ful",
    "ical",
    "ed",
    "based",
    "aware",
    "driven",
    "free",
    "level",
    "guided",
    "ary",
    "wise",
    "specific",
)
_NOT_ALONE = ("ing", "al", "ic", "ary", "ent", "ant", "ness", "ity", "tion", "ers")
_LONGEST = 4
_SIZE = (0.0, 0.6, 1.0, 1.1, 0.85)
_TELLING = 7.5  # bits
_INNER = re.compile(r"(?<![.!?] )(?<!^)(?<=\s)[(\"]?([^\W_][\w+*]*(?:[-–'’/][\w+*]+)*)")


def extract(title: str, abstract: str, *, k: int = 5) -> tuple[str, ...]:
    """The ``k`` phrases, best first, that tell what a text is about, as it spells them.

    Fewer where the text has fewer. Plain text in, plain text out.
    """
    if k <= 0:
        return ()
    found = _Found()
    for run in runs(title):
        found.take(run, in_title=True)
    for run in runs(abstract):
        found.take(run, in_title=False)
    found.fold(acronyms.find(abstract))
    taken: list[Key] = []
    for key in found.ranked():
        if not any(_overlaps(key, other) for other in taken):
            taken.append(key)
            if len(taken) == k:
                break
    spell = Spelling(abstract)
    return tuple(spell(found.spelling[key]) for key in taken)


class _Found:
    """Candidate phrases of one text: how often, where first, in the title, and inside which longer ones."""

    def __init__(self) -> None:
        self.counts: Counter[Key] = Counter()
        self.inside: Counter[Key] = Counter()  # occurrences within a longer candidate
        self.first: dict[Key, int] = {}
        self.titled: set[Key] = set()
        self.spelling: dict[Key, tuple[str, ...]] = {}
        self.runs = 0

    def take(self, run: list[str], *, in_title: bool) -> None:
        self.runs += 1
        spans = _phrases(run)
        every = set(spans)
        for start, end in spans:
            words = tuple(run[start:end])
            key = tuple(map(stem, words))
            self.counts[key] += 1
            if any((a, b) in every for a, b in _around(start, end)):
                self.inside[key] += 1
            self.first.setdefault(key, self.runs)
            self.spelling[key] = words  # the last one: the title's capitals come first
            if in_title:
                self.titled.add(key)

    def fold(self, explained: tuple[Acronym, ...]) -> None:
        """Count an acronym as what it stands for, where that is a candidate too."""
        for acronym in explained:
            short = (stem(acronym.short),)
            long = tuple(map(stem, _RUN.findall(acronym.long)))
            if long in self.counts and short in self.counts:
                self.counts[long] += self.counts.pop(short)
                self.first[long] = min(self.first[long], self.first[short])

    def ranked(self) -> list[Key]:
        worth = {key: self._worth(key) for key in self.counts}
        return sorted((key for key in worth if worth[key] > 0), key=lambda key: (-worth[key], key))

    def _worth(self, key: Key) -> float:
        """Frequency outside longer candidates (after the C-value, Frantzi et al. 2000), place and rarity."""
        alone = self.counts[key] - self.inside[key]
        if not alone:
            return 0.0
        rare = _rarity()
        weights = [rare.get(word, _UNSEEN) * (0.3 if word in EMPTY else 1.0) for word in key]
        telling = sum(weights) / len(weights)
        if (
            len(key) == 1
            and not looks_named(self.spelling[key][0])
            and (self.counts[key] < 2 or telling < _TELLING)
        ):
            return 0.0
        often = math.sqrt(min(alone + 0.5 * self.inside[key], 5))
        place = 1.0 - 0.4 * self.first[key] / self.runs
        return telling * _SIZE[len(key)] * (often + (key in self.titled)) * place


def stems(text: str) -> set[str]:
    """The stems of all words of a text that can stand in a phrase."""
    return {stem(word) for run in runs(text) for word in run}


def runs(text: str) -> list[list[str]]:
    """The words of a text in runs that no punctuation, small word or verb interrupts."""
    runs: list[list[str]] = []
    run: list[str] = []
    for token in tokens(text):
        if interrupts(token):
            if run:
                runs.append(run)
            run = []
        else:
            run.append(token)
    if run:
        runs.append(run)
    return runs


def tokens(text: str) -> list[str]:
    """The words of a text, and whatever else is no space, in order."""
    found: list[str] = _RUN.findall(text)
    return found


def interrupts(token: str) -> bool:
    """Whether a token is punctuation, a small word or a verb, so that no phrase goes on over it."""
    low = token.lower()
    return not token[0].isalnum() or low in _STOP or low in _VERBS or _acts(low) or low.isdigit()


def _acts(low: str) -> bool:
    """Whether a word's ending makes it an adverb."""
    return low.endswith("ly") and len(low) > 5 and low not in {"anomaly", "assembly", "supply", "family"}


def _phrases(run: list[str]) -> list[tuple[int, int]]:
    """The phrases of one to four words in a run that may stand for themselves, as (start, end)."""
    found = []
    for start, word in enumerate(run):
        if word.lower() in EMPTY:
            continue
        for end in range(start + 1, min(start + _LONGEST, len(run)) + 1):
            last = run[end - 1].lower()
            single = end == start + 1
            if last.endswith(NOT_LAST) and not looks_named(run[end - 1]):
                continue
            if (
                single
                and (last in EMPTY or len(last) < 3 or last.endswith(_NOT_ALONE))
                and not looks_named(word)
            ):
                continue
            if last in EMPTY and not single and last not in HEADS:
                continue
            found.append((start, end))
    return found


def _around(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of up to four words that hold one and are longer."""
    for size in range(end - start + 1, _LONGEST + 1):
        for begin in range(end - size, start + 1):
            yield begin, begin + size


def looks_named(word: str) -> bool:
    """Whether a word looks like a name: capitals or digits after its first letter."""
    return (
        not word[1:].islower() and any(c.isupper() or c.isdigit() for c in word[1:]) and "-" not in word[:2]
    )


def _overlaps(one: Key, other: Key) -> bool:
    shared = set(one) & set(other)
    return bool(shared) and (
        len(shared) == min(len(one), len(other)) or bool(set(pairwise(one)) & set(pairwise(other)))
    )


class Spelling:
    """Words as the abstract spells them within sentences; a title's capitals are no evidence of a name."""

    def __init__(self, abstract: str) -> None:
        self.abstract = abstract
        self.seen = set(_INNER.findall(abstract))

    def __call__(self, words: tuple[str, ...]) -> str:
        """A phrase as the abstract spells it."""
        phrase = " ".join(words)
        if len(words) > 1 and phrase in self.abstract and all(word[0].isupper() for word in words):
            return phrase
        return " ".join(map(self.word, words))

    def word(self, word: str) -> str:
        """A word for itself as the abstract spells it."""
        if word.lower() in self.seen or (word not in self.seen and all(map(_titlecase, word.split("-")))):
            return word.lower()
        return word


def _titlecase(part: str) -> bool:
    return part[:1].isupper() and (part[1:].islower() or len(part) == 1)


def stem(word: str) -> str:
    """A word in lower case and the singular."""
    low = word.lower()
    if len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is")):
        return low[:-3] + "y" if low.endswith("ies") and len(low) > 4 else low[:-1]
    return low


def rarity(key: str) -> float:
    """How many bits of surprise a stem is worth."""
    return _rarity().get(key, _UNSEEN)


_UNSEEN = 12.0


@cache
def _rarity() -> dict[str, float]:
    """Bits of surprise of a stem: minus the logarithm of the share of abstracts that have it."""
    text = resources.files("broadsheet.text").joinpath("data/rarity.tsv").read_text("utf-8")
    return {stem: int(tenths) / 10 for stem, tenths in (line.split("\t") for line in text.splitlines())}
