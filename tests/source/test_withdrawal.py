"""Papers that say of themselves that they are withdrawn."""

import pytest

from broadsheet.source.withdrawal import is_withdrawn


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn by the author due to a crucial sign error in equation 1",
        "This paper has been withdrawn",
        "withdrawn",
        "Withdrawn by arXiv admins because it is a duplicate",
        "The paper is withdrawn, since Lemma 3 is wrong",
        "The manuscript is being withdrawn for revision",
        "10 pages. This submission has been temporarily withdrawn",
        "The authors have withdrawn this paper",
        "We withdraw this article",
        "This article was withdrawn from arXiv",
    ],
)
def test_a_comment_that_says_withdrawn(comment: str) -> None:
    assert is_withdrawn(comment)


@pytest.mark.parametrize(
    "comment",
    [
        "12 pages, 3 figures",
        "replaces the withdrawn arXiv:1234.5678",
        "A study of papers that were not retracted",
        "This paper was withdrawn from ICML 2024",
        "withdrawal times in banking",
        "",
    ],
)
def test_a_comment_that_does_not(comment: str) -> None:
    assert not is_withdrawn(comment)


def test_older_withdrawals_stand_in_the_abstract() -> None:
    assert is_withdrawn("", "This paper has been withdrawn by the author due to an error.")
    assert not is_withdrawn("", "We study how this paper money has been withdrawn from circulation.")
