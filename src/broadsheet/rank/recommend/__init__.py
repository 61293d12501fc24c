"""For you: what a reader is after, learned from the papers kept and turned down. Pure: no I/O, no clock.

Every new paper is new to everybody, so nothing but its text is known of it. How the parts fit:

1. ``Bags.of(texts)`` makes bags of words; an encoder makes vectors (of any size; zeros where unknown).
2. ``Space.fitted(ids, bags, vectors)`` of papers of the archive, the same for all readers; once a day.
   ``space.place(ids, bags, vectors)`` then turns any papers into ``Points``. A paper's point stays as it is
   until there is another space, so points of a day are made once for all readers.
3. ``Profile.fitted(space, points, marks)`` of all papers a reader marked (``Mark(Act.SAVED, at)`` …).
   After each act, ``profile.marked(space, point, mark)``; no mark takes it back.
   Where there are many readers, ``settings_from(space, libraries)`` tells how much meaning should count.
4. ``ranked(profile, points, dial=…)`` orders a day; ``explain(profile, points)`` says why of those that are
   shown; ``portraits(profile)`` is what we think of the reader, and ``phrases`` what
   an interest is called.
5. ``profile.wished(space, key, Wish(name=…, weight=…, muted=…))`` is the reader's answer to that; None resets.

Ids are strings here: ``str(paper.id)``. Terms are numbers; ``spellings(texts)`` writes them out again.
How the method was chosen, and what lost, is in ``docs/design/recommend.md``.
"""

from broadsheet.rank.recommend.bags import Bags, spellings
from broadsheet.rank.recommend.evidence import settings_from
from broadsheet.rank.recommend.interests import Interest, Wish
from broadsheet.rank.recommend.names import phrases
from broadsheet.rank.recommend.profile import Act, Mark, Profile, Settings
from broadsheet.rank.recommend.reasons import Pick, Portrait, Why, explain, portraits, ranked
from broadsheet.rank.recommend.space import Points, Space

__all__ = [
    "Act",
    "Bags",
    "Interest",
    "Mark",
    "Pick",
    "Points",
    "Portrait",
    "Profile",
    "Settings",
    "Space",
    "Why",
    "Wish",
    "explain",
    "phrases",
    "portraits",
    "ranked",
    "settings_from",
    "spellings",
]
