"""Names of topics."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from broadsheet.index.contract import Vectors
from broadsheet.model import Acronym
from broadsheet.rank.topics_names import Vocabulary, name_topics
from broadsheet.text.terms import terms

Encode = Callable[[Sequence[str]], Vectors]

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


@pytest.fixture
def names(hashing: Callable[..., object]) -> Callable[..., list[str | None]]:
    def named(*groups: list[str], acronyms: Sequence[Acronym] = (), **options: object) -> list[str | None]:
        texts = [text for group in groups for text in group]
        rows = hashing(dim=256).encode(texts)  # type: ignore[attr-defined]
        rows = rows - rows.mean(axis=0)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        centres = np.array([rows[labels == n].mean(axis=0) for n in range(len(groups))])
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        read = [terms("", text) if text.endswith(".") else terms(text, "") for text in texts]
        vocabulary = Vocabulary(read, rows, acronyms=acronyms)
        return [name.text if name else None for name in name_topics(vocabulary, labels, centres, **options)]  # type: ignore[arg-type]

    return named


def test_a_topic_is_named_by_what_its_papers_share_and_others_lack(
    names: Callable[..., list[str | None]],
) -> None:
    assert names(LEARNING, GALAXIES) == ["federated learning", "star formation"]


def test_no_two_topics_have_the_same_name(names: Callable[..., list[str | None]]) -> None:
    more = [f"Federated learning for hospital {word}" for word in ("beds", "wards", "staff", "scans")]
    found = names(LEARNING, more, GALAXIES)
    assert len(set(found)) == 3


def test_a_name_that_is_taken_is_not_given_again(names: Callable[..., list[str | None]]) -> None:
    assert names(LEARNING, GALAXIES, taken=["federated learning"])[0] != "federated learning"


def test_names_are_written_as_papers_write_them(names: Callable[..., list[str | None]]) -> None:
    splats = [f"We show how Gaussian Splatting is good for {thing}." for thing in ("rooms", "faces")]
    splats += [f"We show how Gaussian splatting is good for {thing}." for thing in ("cars", "trees", "roads")]
    assert names(splats, LEARNING)[0] == "Gaussian splatting"


def test_a_topic_is_named_in_the_plural_where_papers_use_it(names: Callable[..., list[str | None]]) -> None:
    graphs = [
        "A knowledge graph of drugs",
        "Knowledge graphs for law",
        "Old knowledge graphs",
        "The knowledge graph",
    ]
    assert names(graphs, LEARNING)[0] == "knowledge graphs"


def test_an_acronym_counts_as_what_it_stands_for(names: Callable[..., list[str | None]]) -> None:
    mixed = [
        "PDE solvers on meshes",
        "Learning PDE operators",
        "Partial differential equations",
        "Noisy PDE data",
    ]
    explained = [Acronym("PDE", "partial differential equation")] * 2
    assert names(mixed, LEARNING, acronyms=explained)[0] == "partial differential equations"


def test_a_cut_off_phrase_is_no_name(names: Callable[..., list[str | None]]) -> None:
    graphs = [f"Graph neural networks for {thing}" for thing in ("drugs", "roads", "texts", "games")]
    assert names(graphs, LEARNING)[0] == "graph neural networks"


def test_a_phrase_that_only_ever_begins_longer_ones_is_no_name(
    names: Callable[..., list[str | None]],
) -> None:
    circuits = [
        f"Variational quantum {thing} of zinc batteries" for thing in ("circuits", "solvers", "kernels")
    ]
    assert names([*circuits, "Variational quantum games of zinc batteries"], LEARNING)[0] == "zinc batteries"


def test_what_titles_are_about_names_a_topic_before_what_abstracts_only_use(
    names: Callable[..., list[str | None]],
) -> None:
    titles = ["Image matting at night", "Fast image matting", "Deep image matting", "On image matting"]
    used = [f"We are glad of reference pictures for {thing}." for thing in ("hair", "glass", "smoke", "fur")]
    assert names([*titles, *used], LEARNING)[0] == "image matting"


def test_a_name_that_stands_gives_way_only_to_a_much_better_one(
    names: Callable[..., list[str | None]],
) -> None:
    both = [f"Image editing and video editing of {thing}" for thing in ("faces", "rooms", "cars", "text")]
    first = names(both, LEARNING)[0]
    other = {"image editing": "video editing", "video editing": "image editing"}[str(first)]
    assert names(both, LEARNING, held=[other, None])[0] == other
