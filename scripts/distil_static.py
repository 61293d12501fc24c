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
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from broadsheet.index.encode.assets import TOKENIZER, locate
from broadsheet.index.encode.minilm import MiniLM
from broadsheet.index.encode.static import StaticEncoder, quantise

Floats = NDArray[np.float32]
Pieces = list[list[int]]

TOKENS = 128  # of a text that teacher and pupil read, [CLS] and [SEP] among them
RARITY = 1e-3  # the a of a / (a + p), Arora et al. 2017


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

    pieces = [ids[: TOKENS - 2] for ids in tokenised(tokenizer, texts)]
    fit(table, pieces, unit(targets @ axes), random=np.random.default_rng(arguments.seed), epochs=arguments.epochs)
    codes, scales = quantise(table)
    np.savez(arguments.out, codes=codes, scales=scales)
    print(f"{arguments.out}: SHA-256 {hashlib.sha256(arguments.out.read_bytes()).hexdigest()}")


def read(files: Sequence[Path]) -> list[tuple[str, str]]:
    """Title and abstract of every paper, once each, white space folded."""
    papers: dict[tuple[str, str], None] = {}
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                papers[" ".join(row["title"].split()), " ".join((row["text"] or "").split())] = None
    return list(papers)


def lessons(papers: list[tuple[str, str]], random: random.Random) -> list[str]:
    """What the teacher reads aloud: abstracts, titles, sentences, and fragments as short as queries."""
    random.shuffle(papers)
    abstracts, titles, sentences, fragments = 20_000, 50_000, 60_000, 40_000
    rest = papers[abstracts:]
    texts = [f"{title} {text}" for title, text in papers[:abstracts]]
    texts += [title for title, _ in rest[:titles]]
    for _, text in rest[:sentences]:
        parts = [part for part in re.split(r"(?<=[.?!])\s+(?=[A-Z])", text) if len(part) > 30]
        texts.append(random.choice(parts or [text[:200]]))
    for paper in rest[: -fragments - 1 : -1]:
        words = [word for word in re.split(r"[\s,:;.]+", random.choice(paper)) if word]
        length = random.randint(1, 6)
        start = random.randrange(max(1, len(words) - length))
        texts.append(" ".join(words[start : start + length]))
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
        ids = np.stack([np.full_like(pieces, 101), pieces, np.full_like(pieces, 102)], axis=1)  # [CLS] piece [SEP]
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        rows.append(session.run(None, feed)[0].mean(axis=1))
    table = np.concatenate(rows)
    return (table - table.mean(axis=0)) @ axes


def rarity(tokenizer: Tokenizer, texts: Sequence[str]) -> Floats:
    """Each word piece's share of all pieces of the texts."""
    counts = np.ones(tokenizer.get_vocab_size())
    for ids in tokenised(tokenizer, texts):
        np.add.at(counts, ids, 1)
    return (counts / counts.sum()).astype(np.float32)


def fit(
    table: Floats, pieces: Pieces, targets: Floats, *, random: np.random.Generator, epochs: int, batch: int = 256
) -> None:
    """Move the table, in place, until sums of its rows point where the teacher does.

    Minimises 1 - cosine by Adam (Kingma and Ba 2015), one second moment a row; a row moves only in
    batches that have its piece. The rate falls to zero in a straight line.
    """
    mean = np.zeros_like(table)
    square = np.zeros(len(table), dtype=np.float32)
    steps = epochs * (len(pieces) // batch)
    done = 0
    for epoch in range(epochs):
        order = random.permutation(len(pieces))
        likeness = 0.0
        for start in range(0, len(pieces) - batch + 1, batch):
            chosen = order[start : start + batch]
            rows, counts = bag([pieces[n] for n in chosen])
            sums = counts @ table[rows]
            lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
            got = sums / lengths
            cosines = (got * targets[chosen]).sum(axis=1, keepdims=True)
            likeness += float(cosines.mean())
            gradient = counts.T @ ((cosines * got - targets[chosen]) / (lengths * batch))
            mean[rows] = 0.9 * mean[rows] + 0.1 * gradient
            square[rows] = 0.99 * square[rows] + 0.01 * (gradient * gradient).mean(axis=1)
            done += 1
            rate = RATE * (1 - done / (steps + 1))
            table[rows] -= rate * mean[rows] / (np.sqrt(square[rows])[:, None] + 1e-8)
        print(f"epoch {epoch + 1}: mean cosine to the teacher {likeness / (len(pieces) // batch):.4f}", flush=True)


RATE = 0.0015


def bag(pieces: Pieces) -> tuple[NDArray[np.int64], Floats]:
    """The different pieces of some texts, and how often each text (row) has each (column)."""
    rows, place = np.unique(np.concatenate(pieces).astype(np.int64), return_inverse=True)
    counts = np.zeros((len(pieces), len(rows)), dtype=np.float32)
    np.add.at(counts, (np.repeat(np.arange(len(pieces)), [len(ids) for ids in pieces]), place), 1)
    return rows, counts


def tokenised(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[list[int]]:
    """Each text's word pieces."""
    for start in range(0, len(texts), 4096):
        for encoding in tokenizer.encode_batch_fast(list(texts[start : start + 4096]), add_special_tokens=False):
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
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
