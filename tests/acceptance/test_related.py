"""A short query by topic, over pages whose papers call it by other words."""

from __future__ import annotations

import re
from datetime import date

from tests.acceptance.house import House

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.rank import search as ranking
from broadsheet.rank.query import parse

# Tucker decomposition, tensor completion, its use on brains, matrix completion, low-rank tuning.
ABOUT = {"page-018", "page-065", "page-082", "page-247", "page-249"}
ELSEWHERE = re.compile(r"\bvideo|\bnerf|radiance", re.IGNORECASE)


def test_tensor_factorization_is_found_by_its_other_names_before_any_video_or_radiance_field(
    seed_house: House,
) -> None:
    with wiring.open_archive(Settings(data=seed_house.data, encoder="none")) as archive:
        wiring.catch_up(archive)
        query = parse("tensor factorization", today=date(2026, 3, 31))
        hits = ranking.search(archive.index.snapshot(), query, fast=archive.fast, k=100).hits
        papers = archive.store.get_many([hit.id for hit in hits])
    ids = [hit.id.value for hit in hits]
    last = max(ids.index(id) for id in ABOUT)
    assert not [papers[hit.id].title for hit in hits[:last] if ELSEWHERE.search(papers[hit.id].title)]
    assert "page-259" in ids[last:]
