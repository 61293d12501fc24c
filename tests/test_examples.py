"""The examples in docstrings hold, in every module that has any."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import broadsheet

MODULES = sorted(
    name
    for _, name, _ in pkgutil.walk_packages(broadsheet.__path__, "broadsheet.")
    if name != "broadsheet.store.postgres"
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    counts = [len(t.examples) for name in MODULES for t in finder.find(importlib.import_module(name))]
    assert sum(counts) > 50
