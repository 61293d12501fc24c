"""Bags of words and of pairs of words."""

from __future__ import annotations

from broadsheet.rank.recommend import Bags, spellings


def _read(text: str) -> dict[str, float]:
    bag, written = Bags.of([text]), spellings([text])
    return {written[t]: c for t, c in zip(bag.terms.tolist(), bag.counts.tolist(), strict=True)}


def test_words_and_neighbours_are_counted() -> None:
    assert _read("Graph attention, graph") == {
        "graph": 2,
        "attention": 1,
        "graph attention": 1,
        "attention graph": 1,
    }


def test_small_words_part_pairs() -> None:
    assert _read("parsing of sentences") == {"parsing": 1, "sentences": 1}


def test_text_that_is_a_sorted_bag_has_no_pairs() -> None:
    assert _read("graph graph graph attention attention scale") == {"graph": 3, "attention": 2, "scale": 1}


def test_list_of_words_has_no_pairs_and_a_title_without_small_words_has() -> None:
    words = "visitor museum gallery cognitive curiosity"
    assert _read(words) == dict.fromkeys(words.split(), 1)
    assert "museum gallery" in _read(words.title())
    assert "museum gallery" in _read(f"{words}, and so on.")
    assert "museum gallery" not in _read(f"{words} RNA DNA animation deprivation needs")
    assert "museum gallery" in _read(f"{words}.")


def test_endings_are_kept_and_accents_are_not() -> None:
    assert _read("Schrödinger bridges") == {"schrodinger": 1, "bridges": 1, "schrodinger bridges": 1}


def test_empty_text_is_an_empty_bag() -> None:
    bags = Bags.of(["", "one text", "!"])
    assert bags.starts.tolist() == [0, 0, 3, 3]


def test_taken_bags_are_those_of_their_texts() -> None:
    texts = ["sorting lists", "distant star", "parsing"]
    taken, again = Bags.of(texts).take([2, 0]), Bags.of([texts[2], texts[0]])
    assert taken.starts.tolist() == again.starts.tolist()
    assert taken.terms.tolist() == again.terms.tolist()


def test_bags_made_apart_stack_to_those_made_together() -> None:
    texts = ["sorting lists", "", "distant star"]
    parts, whole = Bags.stacked([Bags.of(texts[:2]), Bags.of(texts[2:])]), Bags.of(texts)
    assert parts.starts.tolist() == whole.starts.tolist()
    assert parts.terms.tolist() == whole.terms.tolist()
