"""What kind of contribution a paper is, told by the words that authors use for it. Knows nothing of links.

Three places speak: the title, the sentence that says what the paper does, and set phrases anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from operator import itemgetter

from broadsheet.model import PaperType
from broadsheet.text.aspects import flatten, words

_T = PaperType
Cue = tuple[PaperType, float]

# In the order in which ties are broken.
_KINDS = (
    _T.METHOD, _T.EMPIRICAL, _T.BENCHMARK, _T.DATASET, _T.SYSTEM, _T.THEORY, _T.SURVEY, _T.POSITION,
)  # fmt: skip


def _cues(table: Mapping[PaperType, Mapping[float, str]]) -> dict[str | tuple[str, str], Cue]:
    """Words, and pairs written with a plus sign, by what they say and how much."""
    cues: dict[str | tuple[str, str], Cue] = {}
    for kind, lines in table.items():
        for weight, line in lines.items():
            for item in line.split():
                first, plus, second = item.partition("+")
                cues[(first, second) if plus else item] = (kind, weight)
    return cues


_TITLE = _cues({
    _T.SURVEY: {
        6: "a+survey survey+of survey+on surveys tutorial comprehensive+survey literature+survey systematic+survey brief+survey a+review systematic+review literature+review scoping+review comprehensive+review "
           "critical+review lecture+notes brief+review mapping+study",
        4: "overview roadmap primer review taxonomy bibliometric state+of recent+advances",
        1.5: "survey",
        -4: "survey+telescope survey+data sky+survey peer+review",
    },
    _T.BENCHMARK: {6: "bench", 5: "benchmark benchmarks benchmarking leaderboard arena", 2.5: "evaluating testing gym evaluation"},
    _T.DATASET: {5: "dataset datasets corpus corpora catalog catalogue catalogs catalogues treebank data+release database", 2: "atlas annotated"},
    _T.EMPIRICAL: {
        4: "empirical case+study user+study a+study comparative observations observation evidence lessons investigating "
           "investigation understanding assessing comparing comparison ^+do ^+does ^+is ^+are ^+what ^+when ^+why ^+how "
           "^+can constraints measurement measurements impact effects effect influence assessment insights analyzing "
           "implications struggle demystifying closer+look quantifying properties interviews perceptions detection+of",
        2: "analysis study exploring role revisiting characterizing probing evaluation do does why experiments "
           "discovery constraining search+for spectroscopy photometry",
    },
    _T.SYSTEM: {
        5: "toolkit toolbox software technical+report platform package",
        3: "open+source library simulator infrastructure instrument hardware accelerator engine prototype demonstrator system "
           "spectrograph architecture+for compiler python report assistant building deployment",
    },
    _T.THEORY: {
        5: "theorem theorems proof lower+bounds upper+bounds np conjecture inequality inequalities impossibility "
           "non+perturbative field+theory axiomatic decidability",
        3: "theory bounds bound complexity convergence asymptotic optimality identifiability theoretical regret categorical analytic "
           "algebraic algebra cosmology+with inflation holographic gravity spacetime wormholes symmetry quantum+gravity dark+matter "
           "renormalization equivalence",
    },
    _T.POSITION: {
        7: "position position+paper",
        5: "perspective+on perspectives+on a+perspective manifesto essay viewpoint opinion should must we+need call+for case+for case+against future+of",
        2: "rethinking",
    },
    _T.METHOD: {2: "via framework method approach algorithm towards toward for+efficient network guided aware efficient learning adaptive enhancing improving"},
})  # fmt: skip

_DEED = _cues({
    _T.METHOD: {
        4: "propose proposes proposed framework method approach algorithm novel+framework novel+method",
        3: "model network architecture technique strategy mechanism module paradigm scheme formulation training+free pipeline loss "
           "optimization plug+and",
        2: "novel introduce introduces introducing policy enables agent",
    },
    _T.BENCHMARK: {9: "benchmark bench benchmarks evaluation+suite test+suite evaluation+framework leaderboard testbed", 5: "benchmarking challenge"},
    _T.DATASET: {8: "dataset datasets corpus catalog catalogue database data+release corpora catalogs"},
    _T.EMPIRICAL: {
        6: "empirical systematic+study systematically+study interviews case+study user+study empirically survey+of participants "
           "large+scale+study comparative conduct+a controlled+study observations we+observe we+observed",
        5: "study studies investigate investigates examine examines analyze analyzes analyse evaluate evaluates compare compares "
           "assess assesses explore explores measure measured report reported detect detected find found findings evidence "
           "observed spectroscopic photometric data+from simulations constraints measurements explored examined "
           "investigated analyzed analysed evaluated compared ask asks revisit reanalyze survey+data quantify indicates suggests",
        3: "analysis experiments observe reveal reveals results show shows demonstrate identify sample",
    },
    _T.SYSTEM: {
        6: "toolkit software platform library package tool open+source simulator instrument technical+report prototype app",
        4: "system infrastructure interface application deployed python family+of end+to assistant multi+agent release suite",
    },
    _T.THEORY: {
        8: "prove proves theorem lower+bound upper+bound theorems conjecture a+proof",
        5: "theory derive derived theoretical bounds bound complexity analytically convergence lagrangian gauge renormalization "
           "characterize formal formally formalize spacetime gravity analytic hamiltonian perturbation vacuum symmetry inflation",
    },
    _T.SURVEY: {9: "this+survey we+survey a+survey comprehensive+survey systematic+survey survey+paper paper+surveys review reviews overview "
           "tutorial reviewed taxonomy+of chapter",
        -5: "peer+review", 4: "taxonomy summarize summarizes"},
    _T.POSITION: {9: "argue argues position+paper advocate advocates perspective contend call+for envision argument position", 4: "vision discuss discusses"},
})  # fmt: skip


def _phrases(
    kind: PaperType, weight: float, stem: str, text: str
) -> tuple[PaperType, float, str, tuple[str, ...]]:
    return kind, weight, stem, tuple(text.split(", "))


# Set phrases that tell wherever they stand. The stem is looked for first: most texts do not have it.
_ANYWHERE = (
    _phrases(_T.SURVEY, 5, "survey", "this survey, we survey, paper surveys"),
    _phrases(_T.SURVEY, 5, "review", "this review, systematic review, literature review, paper reviews, article reviews"),
    _phrases(
        _T.BENCHMARK, 3, "benchmark",
        "first benchmark, new benchmark, benchmark for, benchmark designed, our benchmark, this benchmark, benchmark that",
    ),
    _phrases(_T.DATASET, 3, "dataset", "first dataset, new dataset, this dataset, our dataset, dataset of"),
    _phrases(_T.DATASET, 3, "catalog", "catalog of, catalogue of, this catalog"),
    _phrases(_T.EMPIRICAL, 3, "study", "case study, this study investigates, this study examines"),
    _phrases(_T.EMPIRICAL, 3, "interview", "interviews"),
    _phrases(_T.EMPIRICAL, 3, "participants", "participants"),
    _phrases(_T.SYSTEM, 3, "toolkit", "toolkit"),
    _phrases(_T.SYSTEM, 3, "software", "open-source software"),
    _phrases(_T.SYSTEM, 3, "web-based", "web-based"),
    _phrases(_T.THEORY, 4, "prove", "we prove"),
    _phrases(_T.THEORY, 4, "theorem", "theorem"),
    _phrases(_T.POSITION, 6, "argue", "we argue that, paper argues"),
    _phrases(_T.METHOD, 3, "propose", "we propose a novel, proposed method, proposed framework, proposed approach"),
    _phrases(_T.METHOD, 3, "outperform", "outperform"),
)  # fmt: skip


def classify(title: str, abstract: str, *, deed: str = "") -> PaperType:
    """The kind of contribution; OTHER only where there is no text.

    ``deed`` is the sentence that says what the paper does (``gist.choose``), where one was found.
    """
    if not title.strip() and not abstract.strip():
        return _T.OTHER
    total = scores(title, abstract, deed=deed)
    return max(_KINDS, key=total.__getitem__)


def scores(title: str, abstract: str, *, deed: str = "") -> dict[PaperType, float]:
    """How strongly the text speaks for each kind."""
    total = dict.fromkeys(_KINDS, 0.0)
    total[_T.METHOD] = 2.0
    name = words(flatten(title))
    for _, (kind, weight) in _spoken(_TITLE, name):
        total[kind] += weight
    if any(word.endswith("bench") for word in name):
        total[_T.BENCHMARK] += 6.0
    said = words(flatten(deed))
    half = len(said) + 8
    heard: set[PaperType] = set()
    for place, (kind, weight) in _spoken(_DEED, said):
        # The first word for a kind counts; the nearer to the beginning, the more.
        if kind not in heard:
            heard.add(kind)
            total[kind] += weight * (1 - 0.7 * place / half)
    text = flatten(abstract)
    told: set[PaperType] = set()
    for kind, weight, stem, phrases in _ANYWHERE:
        if kind not in told and stem in text and any(map(text.__contains__, phrases)):
            told.add(kind)
            total[kind] += weight
    return total


def _spoken(cues: Mapping[str | tuple[str, str], Cue], said: list[str]) -> list[tuple[int, Cue]]:
    """The cues among words and pairs of words, with the places where they end, in order."""
    found = [(place, cue) for place, cue in enumerate(map(cues.get, said)) if cue]
    found += [(place, cue) for place, cue in enumerate(map(cues.get, pairwise(said)), 1) if cue]
    found.sort(key=itemgetter(0))
    return found
