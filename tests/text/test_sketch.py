"""Sketches: the same everywhere, near for near texts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from broadsheet.text.sketch import BANDS, resemblance, sketch

SHARED = Path(os.environ.get("BROADSHEET_SHARED") or Path(__file__).parents[3] / "shared")
SEEDS = SHARED / "data" / "seed_pages" / "papers.jsonl"

TITLE = "A method for sorting papers by hand"
ABSTRACT = (
    "We sort papers by hand and report what we found, which was that sorting papers by hand takes long "
    "and that readers like the result better than what a machine gives them in the same time."
)


def test_a_text_without_words_has_no_sketch() -> None:
    assert sketch("", "") == sketch(" \n", "…!?") == ()


def test_bands_are_integers_of_32_bits_and_one_more_for_the_title() -> None:
    bands = sketch(TITLE, ABSTRACT)
    assert len(bands) == BANDS + 1
    assert all(type(band) is int and -(2**31) <= band < 2**31 for band in bands)
    assert len(sketch("Editorial", ABSTRACT)) == BANDS


def test_sketches_are_the_same_in_every_process() -> None:
    code = f"from broadsheet.text.sketch import sketch; print(sketch({TITLE!r}, {ABSTRACT!r}))"
    others = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert others == {str(sketch(TITLE, ABSTRACT))}


def test_sketches_do_not_change_from_release_to_release() -> None:
    """Stored sketches are compared with new ones: a change of the method needs a migration."""
    assert sketch("The quick brown fox", "")[:3] == (-476622231, 1592213302, 962444542)


def test_case_punctuation_and_white_space_do_not_count() -> None:
    assert sketch("K-Medoids: FAST, eager", "“O(k)” runtime – at last.") == sketch(
        "k medoids fast\n eager", "o k runtime at last"
    )


def test_letters_beyond_ascii_count() -> None:
    assert sketch("Über die Natur", "") != sketch("Ober die Natur", "")
    assert len(sketch("论文 的 标题 很 长", "")) == BANDS + 1


def test_a_rewritten_abstract_still_shares_the_title() -> None:
    assert (
        len(set(sketch(TITLE, ABSTRACT)) & set(sketch(TITLE, "Something else altogether, and short."))) == 1
    )


def test_another_text_shares_nothing() -> None:
    other = "Dark matter haloes of dwarf galaxies are measured with stellar streams in the Milky Way."
    assert not set(sketch(TITLE, ABSTRACT)) & set(sketch("Dwarf galaxies and their streams", other))


def test_long_texts_have_sketches_too() -> None:
    words = " ".join(f"word{n}" for n in range(5000))
    assert set(sketch("", words)) == set(sketch("", f"{words} "))
    assert len(set(sketch("", words)) & set(sketch("", f"{words} end"))) >= BANDS - 2


def test_resemblance_is_the_share_of_shingles_in_common() -> None:
    # abc bcd cde | bcd cde def: two of four
    assert resemblance("a b c d e", "b c d e f") == 0.5
    assert resemblance("a b c", "A, b; c!") == 1.0
    assert resemblance("a b", "a c") == 0.0
    assert resemblance("", "") == 0.0


def test_bands_find_pairs_as_often_as_their_resemblance_says() -> None:
    """At J = 0.5, 16 bands of three rows miss a pair with probability (1 - 1/8)^16 = 0.12."""
    found = 0
    for pair in range(200):
        common = [f"c{pair}x{n}" for n in range(60)]
        # Shingles: 58 in common, 29 + 29 of their own (and those across the seam).
        one, other = ([f"{side}{pair}x{n}" for n in range(27)] for side in "ab")
        texts = [" ".join(common + own) for own in (one, other)]
        found += bool(set(sketch("", texts[0])) & set(sketch("", texts[1])))
        assert resemblance(*texts) == pytest.approx(58 / (58 + 27 + 27), abs=1e-9)
    expected = 1 - (1 - (58 / 112) ** 3) ** 16
    assert found / 200 == pytest.approx(expected, abs=0.07)


def test_the_two_abstracts_of_one_work_share_a_band() -> None:
    if not SEEDS.exists():
        pytest.skip(f"{SEEDS} is not here; set BROADSHEET_SHARED to the folder with the evaluation data")
    lines = SEEDS.read_text("utf-8").splitlines()
    sketches = {r["id"]: set(sketch(r["title"], r["abstract"])) for r in map(json.loads, lines)}
    assert sketches["page-206"] & sketches["page-208"]
    assert not sketches["page-016"] & sketches["page-024"]
