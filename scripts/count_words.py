"""Count in how many arXiv abstracts each word stands, for ``broadsheet.text.keyphrases``.

    python scripts/count_words.py DIR src/broadsheet/text/data/rarity.tsv

DIR holds ``*.jsonl.gz`` with ``text`` (arXiv's metadata is CC0). A line of the output is a stem and its
rarity in tenths of a bit: minus ten times the binary logarithm of the share of abstracts with it. Stems in
fewer than ``LEAST`` abstracts are left out: whatever is missing is rare.
"""

from __future__ import annotations

import gzip
import json
import math
import sys
from collections import Counter
from pathlib import Path

from broadsheet.text import markup
from broadsheet.text.keyphrases import stems

LEAST = 25


def main(directory: Path, output: Path) -> None:
    abstracts = 0
    counts: Counter[str] = Counter()
    for path in sorted(directory.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                counts.update(stems(markup.parse(json.loads(line)["text"]).plain))
                abstracts += 1
    kept = sorted((stem, count) for stem, count in counts.items() if count >= LEAST and stem.isascii())
    rows = (f"{stem}\t{round(-10 * math.log2(count / abstracts))}\n" for stem, count in kept)
    output.write_text("".join(rows), "utf-8")
    print(f"{abstracts} abstracts, {len(kept)} stems, {output.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
