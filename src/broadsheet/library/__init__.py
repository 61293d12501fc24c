"""The Python API: what the pages, the feeds, the mail and the command line are made of.

A ``Library`` joins the store, the index and the rankers. ``serve`` and ``deliver`` use only this.
"""

from broadsheet.library.archive import Library
from broadsheet.library.asking import SearchForm
from broadsheet.library.belongings import Belongings, Intake
from broadsheet.library.desk import Desk, Standing
from broadsheet.library.editions import leave_out
from broadsheet.library.views import (
    Edition,
    Entry,
    Hit,
    PaperView,
    Reason,
    Results,
    Section,
)

__all__ = [
    "Belongings",
    "Desk",
    "Edition",
    "Entry",
    "Hit",
    "Intake",
    "Library",
    "PaperView",
    "Reason",
    "Results",
    "SearchForm",
    "Section",
    "Standing",
    "leave_out",
]
