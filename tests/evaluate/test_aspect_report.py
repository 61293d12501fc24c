import gzip
import json
import os
from pathlib import Path

import pytest

from broadsheet.errors import InputError
from broadsheet.evaluate.aspects import evaluate_aspects
from broadsheet.model import Aspect

SHARED = Path(os.environ.get("BROADSHEET_SHARED", Path(__file__).parents[2].parent / "shared"))

TEXT = "Parsing remains slow. We propose a new parser. Experiments show that it outperforms others by 9%."


def corpus(directory: Path, *rows: object) -> Path:
    with gzip.open(directory / "corpus.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return directory


def test_background_and_objective_are_one_and_disagreeing_counts_are_left_out(tmp_path: Path) -> None:
    report = evaluate_aspects(
        corpus(
            tmp_path,
            {"text": TEXT, "sent_labels": ["background", "method", "result"]},
            {"text": TEXT, "sent_labels": ["objective", "method", "method"]},
            {"text": TEXT, "sent_labels": ["background", "method"]},
        )
    )
    # By hand: six sentences, five right. METHOD: 2 given, 3 wanted, 2 both; PROBLEM all right; RESULT 2, 1, 1.
    assert (report.abstracts, report.agreeing, report.sentences) == (3, 2, 6)
    assert report.agreement == pytest.approx(2 / 3)
    assert report.accuracy == pytest.approx(5 / 6)
    assert report.majority == pytest.approx(3 / 6)
    scores = dict(report.f1)
    assert scores[Aspect.PROBLEM] == pytest.approx(1.0)
    assert scores[Aspect.METHOD] == pytest.approx(4 / 5)
    assert scores[Aspect.RESULT] == pytest.approx(2 / 3)
    assert scores[Aspect.OTHER] == 0.0
    assert report.macro_f1 == pytest.approx((1.0 + 0.8 + 2 / 3) / 4)
    # The two labels of the third fall on its first and third sentence: problem right, method not.
    assert report.proportional == pytest.approx(6 / 8)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="corpus.jsonl.gz:1"):
        evaluate_aspects(corpus(tmp_path, {"text": TEXT}))
    with pytest.raises(InputError, match="cannot read"):
        evaluate_aspects(tmp_path / "nowhere")


def test_csfcube_is_read_better_than_by_guessing() -> None:
    directory = SHARED / "data" / "csfcube"
    if not directory.exists():
        pytest.skip(f"{directory} is not here; set BROADSHEET_SHARED to the folder with the evaluation data")
    report = evaluate_aspects(directory)
    assert report.abstracts == 4205
    assert report.agreement > 0.85
    assert report.accuracy > report.majority + 0.2
    assert report.macro_f1 > 0.5
