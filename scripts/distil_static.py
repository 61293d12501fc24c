"""Make the word-piece vectors of the fast encoder: the recipe behind ``index/encode/data/static-v1.npz``.

    python scripts/distil_static.py --cache /tmp/distil --out static.npz arxiv_daily/*.jsonl.gz

Needs nothing but the project's own dependencies and JSON lines with ``title`` and ``text``. One core
takes about half an hour for the teacher's vectors, which are kept in the cache and resumed, and a few
minutes for the rest. ``docs/design/encoders.md`` says why each step is there and what it brings.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from broadsheet.index.encode.assets import TOKENIZER, locate
from broadsheet.index.encode.minilm import MiniLM
from broadsheet.index.encode.static import StaticEncoder, quantise

Floats = NDArray[np.float32]

TOKENS = 128  # of a text that the teacher reads, [CLS] and [SEP] among them
ANSWER = 200  # word pieces of an abstract that a question is to find
RARITY = 1e-3  # the a of a / (a + p), Arora et al. 2017
RATE = 0.0015
TEACHER = 0.3  # weight of likeness to the teacher; finding answers has 1
TEMPERATURE = 0.03
BATCH, PAIRS = 256, 512
UNKNOWN = 100  # [UNK] in the vocabulary
SENTENCES = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")


def main() -> None:
    arguments = _arguments()
    papers = [paper for paper in read(arguments.files) if len(paper[1]) > 200]
    texts = lessons(papers, random.Random(arguments.seed))
    print(f"{len(papers):,} papers, {len(texts):,} texts")
    targets = taught(texts, arguments.cache)

    tokenizer = Tokenizer.from_file(str(locate(TOKENIZER)))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    axes = principal_axes(targets, StaticEncoder.dim)
    share = rarity(tokenizer, [f"{title}\n{text}" for title, text in papers[::3]])
    table = first_table(tokenizer, axes) * (RARITY / (RARITY + share))[:, None]
    table /= np.linalg.norm(table, axis=1).mean()

    lesson_bags, targets = bags(tokenised(tokenizer, texts), TOKENS - 2), unit(targets @ axes)
    questions, answers = drills(papers, random.Random(arguments.seed))
    table = fit(
        table,
        lesson_bags,
        targets,
        bags(tokenised(tokenizer, questions), TOKENS - 2),
        bags(tokenised(tokenizer, answers), ANSWER),
        random=np.random.default_rng(arguments.seed),
        epochs=arguments.epochs,
    )
    codes, scales = quantise(table)
    np.savez(arguments.out, codes=codes, scales=scales)
    print(f"{arguments.out}: SHA-256 {hashlib.sha256(arguments.out.read_bytes()).hexdigest()}")


def read(files: Sequence[Path]) -> list[tuple[str, str]]:
    """Title and abstract of every paper, once each, white space folded."""
    papers: dict[tuple[str, str], None] = {}
    for file in files:
        with (
            gzip.open(file, "rt", encoding="utf-8")
            if file.suffix == ".gz"
            else file.open(encoding="utf-8") as lines
        ):
            for line in lines:
                row = json.loads(line)
                papers[" ".join(row["title"].split()), " ".join((row["text"] or "").split())] = None
    return list(papers)


def lessons(papers: list[tuple[str, str]], random: random.Random) -> list[str]:
    """What the teacher reads aloud: abstracts, titles, sentences, and fragments as short as queries."""
    papers = list(papers)
    random.shuffle(papers)
    abstracts, titles, sentences, fragments = 20_000, 50_000, 60_000, 40_000
    rest = papers[abstracts:]
    texts = [f"{title} {text}" for title, text in papers[:abstracts]]
    texts += [title for title, _ in rest[:titles]]
    for _, text in rest[:sentences]:
        parts = [part for part in SENTENCES.split(text) if len(part) > 30]
        texts.append(random.choice(parts or [text[:200]]))
    texts += [fragment(random.choice(paper), random) for paper in rest[: -fragments - 1 : -1]]
    random.shuffle(texts)
    return texts


def taught(texts: Sequence[str], cache: Path) -> Floats:
    """The teacher's vectors of the texts; what a former run made is not made again."""
    cache.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    teacher = MiniLM(max_tokens=TOKENS)
    parts = []
    for start in range(0, len(texts), 2000):
        part = cache / f"{key}-{start:07}.npy"
        if not part.exists():
            aside = part.with_suffix(".part")
            with aside.open("wb") as file:
                np.save(file, teacher.encode(texts[start : start + 2000]).astype(np.float16))
            aside.replace(part)
            print(f"taught {start + 2000:,} of {len(texts):,}", flush=True)
        parts.append(np.load(part))
    return np.concatenate(parts).astype(np.float32)


def principal_axes(vectors: Floats, count: int) -> Floats:
    """The directions that hold most of the teacher's vectors, as columns."""
    _, axes = np.linalg.eigh(vectors.T @ vectors)  # rising, so the last are the largest
    return np.ascontiguousarray(axes[:, ::-1][:, :count], dtype=np.float32)


def first_table(tokenizer: Tokenizer, axes: Floats) -> Floats:
    """Each word piece through the teacher alone, centred and turned into the axes."""
    _, session = MiniLM().load()
    rows = []
    for start in range(0, tokenizer.get_vocab_size(), 512):
        pieces = np.arange(start, min(start + 512, tokenizer.get_vocab_size()), dtype=np.int64)
        ids = np.stack(
            [np.full_like(pieces, 101), pieces, np.full_like(pieces, 102)], axis=1
        )  # [CLS] piece [SEP]
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        rows.append(np.asarray(session.run(None, feed)[0], dtype=np.float32).mean(axis=1))
    table: Floats = np.concatenate(rows)
    turned: Floats = (table - table.mean(axis=0)) @ axes
    return turned


def rarity(tokenizer: Tokenizer, texts: Sequence[str]) -> Floats:
    """Each word piece's share of all pieces of the texts."""
    counts = np.ones(tokenizer.get_vocab_size())
    for ids in tokenised(tokenizer, texts):
        np.add.at(counts, ids, 1)
    share: Floats = (counts / counts.sum()).astype(np.float32)
    return share


@dataclass(frozen=True, slots=True)
class Bags:
    """Texts as their word pieces, one after the other: text n has ``ids[starts[n]:starts[n + 1]]``."""

    ids: NDArray[np.int64]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def pick(self, chosen: NDArray[np.int64]) -> Bags:
        """Some of the texts, in the order asked."""
        ids = [self.ids[self.starts[n] : self.starts[n + 1]] for n in chosen]
        return Bags(np.concatenate(ids), np.cumsum([0, *map(len, ids)]))


@dataclass(frozen=True, slots=True)
class Sums:
    """A batch added up. ``counts`` says how often each text (row) has each piece of ``rows`` (column)."""

    rows: NDArray[np.int64]
    counts: Floats
    units: Floats
    lengths: Floats


class Pupil:
    """The table in training: sums of its rows, and steps against a gradient of those sums.

    Adam (Kingma and Ba 2015) with one second moment a row; a row moves only where its piece occurs.
    """

    def __init__(self, table: Floats) -> None:
        self.table = table
        self._mean = np.zeros_like(table)
        self._square = np.zeros(len(table), dtype=np.float32)

    def units(self, batch: Bags) -> Sums:
        """The texts' unit vectors, and what ``step`` needs to know of how they came about."""
        rows, column = np.unique(batch.ids, return_inverse=True)
        counts = np.zeros((len(batch), len(rows)), dtype=np.float32)
        np.add.at(counts, (np.repeat(np.arange(len(batch)), np.diff(batch.starts)), column), 1)
        sums = counts @ self.table[rows]
        lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        return Sums(rows, counts, sums / lengths, lengths)

    def step(self, sums: Sums, gradient: Floats, *, rate: float) -> None:
        """Move the rows of the texts' pieces against ``gradient``, which is that of the unit vectors."""
        along = (gradient * sums.units).sum(axis=1, keepdims=True) * sums.units
        moves = sums.counts.T @ ((gradient - along) / sums.lengths)
        rows = sums.rows
        self._mean[rows] = 0.9 * self._mean[rows] + 0.1 * moves
        self._square[rows] = 0.99 * self._square[rows] + 0.01 * (moves * moves).mean(axis=1)
        self.table[rows] -= rate * self._mean[rows] / (np.sqrt(self._square[rows])[:, None] + 1e-8)


def fit(
    table: Floats,
    texts: Bags,
    targets: Floats,
    questions: Bags,
    answers: Bags,
    *,
    random: np.random.Generator,
    epochs: int,
) -> Floats:
    """The table moved until its sums point where the teacher does and questions find their answers.

    Batches of both kinds alternate. The first minimises 1 - cosine to the teacher; the second is
    InfoNCE both ways (van den Oord et al. 2018) among the batch. The rate falls in a straight line.
    """
    pupil = Pupil(table)
    steps = epochs * (len(texts) // BATCH)
    for done in range(steps):
        if done % (len(texts) // BATCH) == 0:
            lessons = iter(np.array_split(random.permutation(len(texts)), len(texts) // BATCH))
        if done % (len(questions) // PAIRS * 2) == 0:
            drills = iter(np.array_split(random.permutation(len(questions)), len(questions) // PAIRS))
        rate = RATE * (1 - (done + 1) / (steps + 1))
        chosen = next(lessons)
        sums = pupil.units(texts.pick(chosen))
        pupil.step(sums, targets[chosen] * np.float32(-TEACHER / len(chosen)), rate=rate)
        likeness = float((sums.units * targets[chosen]).sum(axis=1).mean())
        if done % 2:
            continue
        chosen = next(drills)
        batch = Bags(
            np.concatenate([(asked := questions.pick(chosen)).ids, (right := answers.pick(chosen)).ids]),
            np.concatenate([asked.starts, right.starts[1:] + asked.starts[-1]]),
        )
        sums = pupil.units(batch)
        gradient, loss = contrast(sums.units[: len(chosen)], sums.units[len(chosen) :])
        pupil.step(sums, gradient, rate=rate)
        if done % 100 == 0:
            print(f"step {done:,} of {steps:,}: cosine {likeness:.3f}, contrast {loss:.3f}", flush=True)
    return pupil.table


def contrast(questions: Floats, answers: Floats) -> tuple[Floats, float]:
    """InfoNCE's gradient by the unit vectors, questions above answers, and its value."""
    scores = questions @ answers.T / np.float32(TEMPERATURE)
    ahead = np.exp(scores - scores.max(axis=1, keepdims=True))
    back = np.exp(scores - scores.max(axis=0, keepdims=True))
    ahead /= ahead.sum(axis=1, keepdims=True)
    back /= back.sum(axis=0, keepdims=True)
    loss = -float(np.log(np.maximum(ahead.diagonal() * back.diagonal(), 1e-30)).mean()) / 2
    pull = (ahead + back - 2 * np.eye(len(scores), dtype=np.float32)) / np.float32(2 * len(scores))
    return np.concatenate([pull @ answers, pull.T @ questions]), loss


def bags(pieces: Iterable[list[int]], longest: int) -> Bags:
    """Texts cut to so many pieces and joined; one without any gets the unknown piece."""
    kept = [ids[:longest] or [UNKNOWN] for ids in pieces]
    return Bags(np.array([id for ids in kept for id in ids], dtype=np.int64), np.cumsum([0, *map(len, kept)]))


def drills(papers: list[tuple[str, str]], random: random.Random) -> tuple[list[str], list[str]]:
    """For every paper a question (its title, one of its sentences, a few words) and the text that answers it."""
    questions, answers = [], []
    for title, text in papers:
        sentences = [part for part in SENTENCES.split(text) if len(part) > 30]
        kind = random.random()
        if kind < 0.4 or len(sentences) < 3:
            question, answer = title, text
        elif kind < 0.8:
            question = random.choice(sentences)
            answer = f"{title} {text.replace(question, '', 1)}"
        else:
            question, answer = fragment(title, random), text
        questions.append(question)
        answers.append(answer)
    return questions, answers


def fragment(text: str, random: random.Random) -> str:
    """A few words in a row, as short as a query."""
    words = [word for word in re.split(r"[\s,:;.]+", text) if word]
    length = random.randint(1, 6)
    start = random.randrange(max(1, len(words) - length))
    return " ".join(words[start : start + length])


def tokenised(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[list[int]]:
    """Each text's word pieces."""
    for start in range(0, len(texts), 4096):
        for encoding in tokenizer.encode_batch_fast(
            list(texts[start : start + 4096]), add_special_tokens=False
        ):
            yield encoding.ids


def unit(vectors: Floats) -> Floats:
    """The vectors at unit length."""
    scaled: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return scaled


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, help="JSON lines with title and text, also gzipped")
    parser.add_argument("--out", required=True, type=Path, help="the file to write (.npz)")
    parser.add_argument("--cache", required=True, type=Path, help="folder for the teacher's vectors")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
