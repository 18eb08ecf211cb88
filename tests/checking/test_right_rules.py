"""Right rules come out proved (the shipped ones with their page); dropping a condition shows."""

import practised_rules
import pytest
import right_rules
import statistics_rules
import textbook_rules
import textbook_sums

import rewriter as rw
import rules.sigmoid
from rewriter.checking.checker import check_rule, rules_in
from rewriter.checking.pytest_helper import check_rules

test_right_rules = check_rules(right_rules)
test_practised_rules = check_rules(practised_rules)
test_textbook_rules = check_rules(textbook_rules, textbook_sums)
test_statistics_rules = check_rules(statistics_rules)


def test_there_are_enough_right_rules() -> None:
    modules = (right_rules, practised_rules, textbook_rules, textbook_sums, statistics_rules)
    assert [len(rules_in(module)) for module in modules] == [46, 58, 57, 16, 27]


@pytest.mark.parametrize("name", ["log_of_product", "root_of_square_of_positive", "square_of_root",
                                  "exponential_of_logarithm", "cancelled_quotient"])  # fmt: skip
def test_without_its_condition_a_law_falls(name: str) -> None:
    rule = getattr(right_rules, name)
    assert check_rule(rule).unneeded == ()


def test_a_condition_that_changes_nothing_is_reported() -> None:
    @rw.rule
    def product_of_exponentials(x: rw.Real, y: rw.Real) -> rw.Rewrite:
        """e^x · e^y = e^(x+y)."""
        return rw.rewrite(rw.exp(x) * rw.exp(y), to=rw.exp(x + y), when=[x > 0])

    verdict = rw.check(product_of_exponentials)
    assert verdict.proved
    assert verdict.unneeded == ("x > 0",)


def test_evidence_is_by_three_means_with_its_bound() -> None:
    verdict = rw.check(rules.sigmoid.softplus)
    assert [e.means for e in verdict.evidence] == ["balls", "fields", "sympy", "floats"]
    assert all(e.holds for e in verdict.evidence)
    exponent = int(verdict.by("fields").text.rsplit("2^-", 1)[1])
    assert exponent >= 60
