"""The figures we publish, as ``bench/*.toml`` holds them. Knows files, measures nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What we say something scores, and how far off a new measurement may be.

    Without ``tolerance`` it is said and not checked: a speed, which is the machine's. ``quick`` ones
    are measured for every change. A ``value`` that was never measured is nan.
    """

    file: str  # whose stem says how it is measured
    collection: str
    search: str  # which search, list or program
    metric: str
    value: float
    facet: str | None = None
    encoder: str | None = None
    tolerance: float | None = None
    quick: bool = False

    @property
    def name(self) -> str:
        """For people, and for ``--only``: ``retrieval/scifact/both/ndcg@10``."""
        parts = (self.file, self.collection, self.encoder, self.search, self.metric, self.facet)
        return "/".join(part for part in parts if part)


def read(folder: Path = HERE) -> tuple[Figure, ...]:
    """Every figure, file by file."""
    return tuple(
        Figure(file=path.stem, **row)
        for path in sorted(folder.glob("*.toml"))
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["figure"]
    )


def write(values: Mapping[str, float], folder: Path = HERE) -> None:
    """Put new values into the files; what stands above the first figure stays."""
    files: dict[str, list[Figure]] = {}
    for figure in read(folder):
        files.setdefault(figure.file, []).append(figure)
    for file, rows in files.items():
        path = folder / f"{file}.toml"
        head = path.read_text(encoding="utf-8").split("[[figure]]")[0]
        blocks = [_block(row, values.get(row.name, row.value)) for row in rows]
        aside = path.with_suffix(".part")
        aside.write_text(head + "\n".join(blocks), encoding="utf-8")
        aside.replace(path)


def _block(figure: Figure, value: float) -> str:
    said = {name: getattr(figure, name) for name in ("collection", "encoder", "search", "metric", "facet")}
    lines = ["[[figure]]", *(f'{name} = "{text}"' for name, text in said.items() if text is not None)]
    lines.append(f"value = {value!r}")
    if figure.tolerance is not None:
        lines.append(f"tolerance = {figure.tolerance!r}")
    if figure.quick:
        lines.append("quick = true")
    return "\n".join(lines) + "\n"
