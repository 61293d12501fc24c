from broadsheet.categories import ARCHIVES, CATEGORIES, group, name


def test_taxonomy_is_whole() -> None:
    # arXiv's taxonomy page, by archive: https://arxiv.org/category_taxonomy
    sizes = {
        "astro-ph": 6, "cond-mat": 9, "cs": 40, "econ": 3, "eess": 4, "math": 32, "nlin": 5, "physics": 22,
        "q-bio": 10, "q-fin": 9, "stat": 6,
    }  # fmt: skip
    parts = {archive: sum(code.startswith(archive + ".") for code in CATEGORIES) for archive in ARCHIVES}
    assert parts == sizes
    assert len(CATEGORIES) == sum(sizes.values()) + 9  # gr-qc, hep-*, math-ph, nucl-*, quant-ph


def test_names_read_as_arxiv_has_them() -> None:
    assert name("cs.CL") == "Computation and Language"
    assert name("hep-th") == "High Energy Physics – Theory"
    assert name("cmp-lg") == "Computation and Language"
    assert name("cs") == "Computer Science"


def test_code_of_another_source_stays_itself() -> None:
    assert name("neuroscience") == "neuroscience"
    assert group("neuroscience") == "neuroscience"


def test_every_category_has_a_field() -> None:
    assert {group(code) for code in CATEGORIES} == {
        "Physics", "Mathematics", "Computer Science", "Quantitative Biology", "Quantitative Finance", "Statistics",
        "Electrical Engineering and Systems Science", "Economics",
    }  # fmt: skip
