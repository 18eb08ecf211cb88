"""Every rejected law falls: at the numbers kept with it, and by numbers that the checker finds."""

import pytest

from rewriter.checking.rejection import Rejected
from rules.rejected import REJECTED


def test_there_are_forty() -> None:
    assert len(REJECTED) >= 40
    assert len({law.name for law in REJECTED}) == len(REJECTED)


@pytest.mark.parametrize("law", REJECTED, ids=lambda law: law.name)
def test_it_fails_at_the_numbers_kept_with_it(law: Rejected) -> None:
    assert law.failure()


@pytest.mark.parametrize("law", REJECTED, ids=lambda law: law.name)
def test_the_checker_refutes_it(law: Rejected) -> None:
    verdict = law.verdict()
    assert verdict.status == "refuted", verdict
    assert verdict.counterexample is not None
