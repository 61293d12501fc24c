"""Terms that could be topics, and their names."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from broadsheet.model import Acronym
from broadsheet.rank.topics_names import Offers, Vocabulary
from broadsheet.text.lexicon import Lexicon, key

LEARNING = [
    "Private federated learning on phones",
    "Federated learning without a server",
    "Fast clients for federated learning",
    "A survey of federated learning",
]
GALAXIES = [
    "Star formation in dwarf galaxies",
    "Quenched star formation at high redshift",
    "Gas and star formation in clusters",
    "Star formation rates of old galaxies",
]


OTHERS = ["Bridges", "Soil and rain", "Old clocks", "Tea", "Whales at sea", "Locks", "Maps of Rome", "Chess"]
Read = Callable[..., tuple[Vocabulary, Offers]]


@pytest.fixture
def read(hashing: Callable[..., object]) -> Read:
    """What titles, and after a bar abstracts, offer among those of other papers."""

    def offered(
        *groups: list[str], acronyms: Sequence[Acronym] = (), **options: object
    ) -> tuple[Vocabulary, Offers]:
        texts = [text for group in (*groups, OTHERS) for text in group]
        rows = hashing(dim=256).encode(texts)  # type: ignore[attr-defined]
        rows = rows - rows.mean(axis=0)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        read = Lexicon().read((title, text) for title, _, text in (text.partition("|") for text in texts))
        vocabulary = Vocabulary(read, rows, acronyms=acronyms, **options)  # type: ignore[arg-type]
        return vocabulary, vocabulary.offers()

    return offered


def names(read: tuple[Vocabulary, Offers]) -> set[str]:
    vocabulary, offers = read
    return {vocabulary.spelt(term) for term in offers.keys}


def test_what_titles_share_is_offered_and_what_one_alone_says_is_not(read: Read) -> None:
    assert {"federated learning", "star formation"} <= names(read(LEARNING, GALAXIES))
    assert "dwarf galaxies" not in names(read(LEARNING, GALAXIES))


def test_papers_are_nearest_to_the_terms_they_speak_of(read: Read) -> None:
    vocabulary, offers = read(LEARNING, GALAXIES)
    at = {vocabulary.spelt(term): near for term, near in zip(offers.keys, offers.near, strict=True)}
    learning, stars = at["federated learning"], at["star formation"]
    assert (learning[:4] > stars[:4]).all()
    assert (stars[4:8] > learning[4:8]).all()


def test_a_title_speaks_louder_than_an_abstract_and_often_louder_than_once(read: Read) -> None:
    vocabulary, _ = read(
        LEARNING,
        ["|We rely on federated learning.", "|Federated learning needs clients; federated learning ends."],
    )
    place = np.zeros(256, dtype=np.float32)
    near = vocabulary.nearness(key("federated learning"), place, 0.3)
    assert near[0] > 0 > near[5] > near[4] > vocabulary.nearness("no such term", place, 0.3)[0]


def test_what_is_known_is_not_offered_but_heard_however_few_speak_of_it(read: Read) -> None:
    vocabulary, offers = read(
        LEARNING, ["Graph coloring by hand"], known=[key("federated learning"), key("graph coloring")]
    )
    assert key("federated learning") not in offers.keys
    assert vocabulary.users(key("graph coloring")).tolist() == [False] * 4 + [True] + [False] * 8


def test_names_are_written_as_papers_write_them(read: Read) -> None:
    splats = [
        f"Fast splats|We see how Gaussian Splatting is good for {thing}." for thing in ("rooms", "faces")
    ]
    splats += [f"On Gaussian Splatting|Our Gaussian splatting shows {thing}." for thing in ("cars", "trees")]
    splats += ["Trees|Our Gaussian splatting shows trees."]
    assert "Gaussian splatting" in names(read(splats, LEARNING))


def test_a_topic_is_named_in_the_plural_where_papers_use_it(read: Read) -> None:
    graphs = [
        "A knowledge graph of drugs",
        "Knowledge graphs for law",
        "Old knowledge graphs",
        "The knowledge graph",
    ]
    found = names(read(graphs, LEARNING))
    assert "knowledge graphs" in found
    assert "knowledge graph" not in found


def test_an_acronym_counts_as_what_it_stands_for(read: Read) -> None:
    mixed = [
        "PDE solvers on meshes",
        "Learning PDE operators",
        "Partial differential equations",
        "Noisy PDE data",
    ]
    explained = [Acronym("PDE", "partial differential equation")] * 2
    vocabulary, _ = read(mixed, LEARNING, acronyms=explained)
    assert vocabulary.users(key("partial differential equation")).tolist() == [True] * 4 + [False] * 12


def test_a_cut_off_phrase_is_no_name(read: Read) -> None:
    graphs = [f"Graph neural networks for {thing}" for thing in ("drugs", "roads", "texts", "games")]
    found = names(read(graphs, LEARNING))
    assert "graph neural networks" in found
    assert "neural networks" not in found


def test_a_phrase_that_only_ever_begins_longer_ones_is_no_name(read: Read) -> None:
    circuits = [
        f"Variational quantum {thing} of zinc batteries" for thing in ("circuits", "solvers", "kernels")
    ]
    found = names(read([*circuits, "Variational quantum games of zinc batteries"], LEARNING))
    assert "zinc batteries" in found
    assert "variational quantum" not in found


def test_what_abstracts_only_use_is_offered_by_no_title(read: Read) -> None:
    titles = ["Image matting at night", "Fast image matting", "Deep image matting", "On image matting"]
    used = [f"|We are glad of reference pictures for {thing}." for thing in ("hair", "glass", "smoke", "fur")]
    found = names(read([*titles, *used], LEARNING))
    assert "image matting" in found
    assert "reference pictures" not in found


def test_what_is_done_to_a_topic_is_not_part_of_its_name(read: Read) -> None:
    doing = [f"Mitigating graph hallucinations in {thing}" for thing in ("law", "games")]
    doing += ["On graph hallucinations", "A theory of graph hallucinations"]
    found = names(read(doing, LEARNING))
    assert "graph hallucinations" in found
    assert not any("mitigating" in name.lower() for name in found)
