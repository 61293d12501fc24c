from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.model import Counter
from broadsheet.pipeline import checkup
from broadsheet.pipeline.checkup import Level, Patient
from broadsheet.store.people import Account, Role
from broadsheet.wiring import Archive

NOW = datetime(2026, 3, 21, 8, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with wiring.open_archive(Settings(data=tmp_path, encoder="none")) as archive:
        wiring.take_sample(archive)
        yield archive


@pytest.fixture
def patient(archive: Archive) -> Patient:
    return Patient(
        data=archive.settings.data,
        store=archive.store,
        index=archive.index,
        encoders=[archive.fast],
        team=False,
        base_url="",
        mail=False,
        registration="invited",
        sources=False,
    )


def wrong(
    patient: Patient, *, now: datetime | None = None, whole: bool = False
) -> dict[str, tuple[str, str]]:
    now = now or datetime.now(UTC)
    findings = checkup.look_over(patient, now=now, whole=whole)
    return {f.about: (f.level.value, f.text) for f in findings if f.level is not Level.GOOD}


def test_a_healthy_archive_has_nothing_wrong(patient: Patient) -> None:
    assert wrong(patient, whole=True) == {}
    findings = checkup.look_over(patient, now=datetime.now(UTC))
    assert {f.about for f in findings} == {
        "data folder", "disk", "database", "clock", "editions", "index", "encoders", "accounts", "mail", "jobs",
    }  # fmt: skip


def test_it_says_which_process_does_what_only_one_should(archive: Archive, patient: Patient) -> None:
    with wiring.turn_of(archive, "post"):
        (jobs,) = (f.text for f in checkup.look_over(patient, now=NOW) if f.about == "jobs")
    assert jobs.startswith("post: ")
    assert f" {os.getpid()} " in jobs


def test_a_clock_that_stepped_back_is_seen(patient: Patient) -> None:
    level, text = wrong(patient, now=datetime.now(UTC) - timedelta(hours=1))["clock"]
    assert level == "fault"
    assert "was taken in at" in text


def test_a_sync_that_no_longer_runs_is_seen(patient: Patient) -> None:
    later = datetime.now(UTC) + timedelta(days=3650)
    assert "editions" not in wrong(patient, now=later)
    assert wrong(replace(patient, sources=True), now=later)["editions"][0] == "warning"


def test_a_counter_that_is_not_asked_or_does_not_answer_is_seen(patient: Patient) -> None:
    asked, counters = replace(patient, counters=("hackernews",)), patient.store.counters
    assert "never counted" in wrong(asked)["counters"][1]
    counters.describe(Counter(name="hackernews", label="Hacker News", unit="point", worth=0.2))
    counters.succeed("hackernews", now=NOW)
    assert "counters" not in wrong(asked, now=NOW + timedelta(hours=1))
    assert "last counted at 2026-03-21 08:00 UTC" in wrong(asked, now=NOW + timedelta(days=3))["counters"][1]
    assert "counters" not in wrong(patient, now=NOW + timedelta(days=3)), (
        "a file is taken in when there is one"
    )
    counters.fail("hackernews", "no answer", now=NOW + timedelta(hours=1))
    assert wrong(asked, now=NOW + timedelta(hours=1))["counters"][1].endswith("08:00 UTC): no answer")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_seen(patient: Patient) -> None:
    patient.data.chmod(0o500)
    try:
        assert wrong(patient)["data folder"][0] == "fault"
    finally:
        patient.data.chmod(0o700)


def test_a_disk_that_is_full_is_seen(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(_: object) -> SimpleNamespace:
        return SimpleNamespace(total=10**12, used=10**12 - 10**6, free=10**6)

    monkeypatch.setattr("broadsheet.pipeline.checkup.shutil.disk_usage", usage)
    assert wrong(patient)["disk"][0] == "fault"


def test_a_damaged_index_is_seen(patient: Patient) -> None:
    file = max(
        (patient.data / "index").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0
    )
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    assert wrong(patient, whole=True)["index files"][0] == "fault"


def test_a_missing_index_is_seen_and_the_other_checks_still_run(patient: Patient) -> None:
    shutil.rmtree(patient.data / "index")
    found = wrong(patient)
    assert list(found) == ["index"]
    assert found["index"][0] == "fault"


def test_what_a_team_needs_is_asked_for(patient: Patient) -> None:
    team = replace(patient, team=True, registration="open")
    found = [(f.about, f.level.value) for f in checkup.look_over(team, now=datetime.now(UTC)) if f.way_out]
    assert ("accounts", "warning") in found
    assert ("mail", "fault") in found
    patient.store.people.add(Account(id="a", name="Ada", made=NOW, role=Role.ADMIN))
    for path in patient.data.glob("*.db*"):
        path.chmod(0o600)
    good = replace(team, base_url="https://paper.example.org", mail=True)
    assert wrong(good) == {}
    assert (
        "others on the way can read"
        in wrong(replace(good, base_url="http://paper.example.org"))["accounts"][1]
    )
