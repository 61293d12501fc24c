import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.model import LinkKind
from broadsheet.text.links import classify, clean, find


def urls(text: str) -> list[str]:
    return [link.url for link in find(text)]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (
            "Code: https://github.com/masa-ue/SVDD{https://github.com/masa-ue/SVDD}.",
            "https://github.com/masa-ue/SVDD",
        ),
        (
            "at https://anonymous.4open.science/r/TangleNAS-527C{here}.",
            "https://anonymous.4open.science/r/TangleNAS-527C",
        ),
        ("see https://github.com/a/ANT_diffusion/{url}.", "https://github.com/a/ANT_diffusion"),
        ("https: //github.com/Graph-COM/GSAT", "https://github.com/Graph-COM/GSAT"),
        ("available at https://example.org/topo.", "https://example.org/topo"),
        ("at github.com/edwardjhu/TP4.", "https://github.com/edwardjhu/TP4"),
        ("data (bit.ly/2nJLNMu).", "https://bit.ly/2nJLNMu"),
        ("(https://github.com/a/b)", "https://github.com/a/b"),
        ("https://en.wikipedia.org/wiki/A_(b)", "https://en.wikipedia.org/wiki/A_(b)"),
        ("[code](https://github.com/a/b)", "https://github.com/a/b"),
        ("http://github.com/a/b.git", "https://github.com/a/b"),
        ("http://example.org/x", "http://example.org/x"),
        ("HTTPS://GitHub.com/A/b", "https://github.com/A/b"),
        ("www.example.org/page;", "https://www.example.org/page"),
        ("at https://github.com/a/b.The rest", "https://github.com/a/b"),
        ("https://example.org:8080/x,", "https://example.org:8080/x"),
    ],
)
def test_debris_is_cleaned(text: str, url: str) -> None:
    assert urls(text) == [url]


@pytest.mark.parametrize(
    "text", ["The code is at Github.", "https://github.com/ --", "https://", "a/b.c/d", "x@github.com"]
)
def test_what_leads_nowhere_is_no_link(text: str) -> None:
    assert urls(text) == []


def test_an_address_written_twice_is_one_link() -> None:
    text = "https://github.com/a/b and http://www.github.com/A/B/ and github.com/a/b."
    assert urls(text) == ["https://github.com/a/b"]


def test_given_links_are_cleaned_and_folded_with_those_found() -> None:
    found = find(
        "Code: https://github.com/AIGeeksGroup/MWM.",
        ["https://github.com/AIGeeksGroup/MWM.", "example.org/x"],
    )
    assert [link.url for link in found] == ["https://github.com/AIGeeksGroup/MWM", "https://example.org/x"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Our code is at https://github.com/a/b", LinkKind.CODE),
        ("https://github.com/a/b", LinkKind.CODE),
        ("The dataset is available at https://github.com/a/b", LinkKind.DATA),
        ("Code and data: https://github.com/a/b", LinkKind.CODE),
        ("See https://huggingface.co/datasets/a/b", LinkKind.DATA),
        ("Weights: https://huggingface.co/a/b", LinkKind.MODEL),
        ("Demo: https://huggingface.co/spaces/a/b", LinkKind.PROJECT),
        ("Archived at https://zenodo.org/records/1", LinkKind.DATA),
        ("Data: https://doi.org/10.5281/zenodo.1", LinkKind.DATA),
        ("as in https://arxiv.org/abs/2402.01234", LinkKind.PAPER),
        ("https://doi.org/10.1145/3292500", LinkKind.PAPER),
        ("https://someone.github.io/thing", LinkKind.PROJECT),
        ("Project page: https://example.org/thing", LinkKind.PROJECT),
        ("The source code is at https://git.example.org/thing", LinkKind.CODE),
        ("The dataset can be had from https://example.org/thing", LinkKind.DATA),
        ("like https://example.org/thing", LinkKind.OTHER),
    ],
)
def test_kind_comes_from_host_and_context(text: str, kind: LinkKind) -> None:
    assert [link.kind for link in find(text)] == [kind]


def test_each_link_has_its_own_context() -> None:
    text = "The dataset is at https://example.org/d. The code is at https://example.org/c."
    assert [link.kind for link in find(text)] == [LinkKind.DATA, LinkKind.CODE]


@given(st.text() | st.text(alphabet="https:/w.githubcom(){}[] é", max_size=60))
def test_found_addresses_stand_in_the_text(text: str) -> None:
    folded = "".join(text.split()).lower()
    for link in find(text):
        assert clean(link.url) == link.url
        assert classify(link.url) in LinkKind
        assert link.url.partition("//")[2].removeprefix("www.").lower() in folded
