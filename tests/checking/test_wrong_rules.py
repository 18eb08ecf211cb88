"""Wrong rules and wrong operators fall; what is right beside them is proved."""

from typing import Any

import pytest
import wrong_numbers
import wrong_operators
import wrong_practice
import wrong_sums
import wrong_thresholds

from rewriter.checking.checker import check_rule, rules_in

MODULES = (wrong_numbers, wrong_thresholds, wrong_sums, wrong_practice, wrong_operators)
WRONG = [rule for module in MODULES for rule in rules_in(module)
         if rule not in wrong_operators.RIGHT_OPERATORS]  # fmt: skip


def test_there_are_enough_wrong_rules() -> None:
    assert len(WRONG) == 202


@pytest.mark.parametrize("rule", WRONG, ids=lambda rule: rule.name)
def test_it_is_refuted(rule: Any) -> None:
    verdict = check_rule(rule, needs=False)
    assert verdict.over_the_reals == "refuted" or "function is not" in verdict.reason, verdict
    assert verdict.status == "refuted"


@pytest.mark.parametrize("operator", wrong_operators.RIGHT_OPERATORS, ids=lambda o: o.name)
def test_a_right_operator_is_proved(operator: Any) -> None:
    assert check_rule(operator).proved
