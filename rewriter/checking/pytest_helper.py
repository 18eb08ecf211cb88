"""One line in a test suite checks the rules of a module.

>>> from rewriter.checking.pytest_helper import check_rules
>>> import rules.sigmoid
>>> test_my_rules = check_rules(rules.sigmoid)

gives one test a rule, which fails with the counterexample where the rule is not proved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["assert_proved", "check_rules"]


def assert_proved(rule: Any) -> None:
    """Fail, with all that was found, unless a rule is proved."""
    from rewriter.checking.checker import check_rule

    verdict = check_rule(rule)
    assert verdict.proved, f"\n{verdict}"


def check_rules(*subjects: Any) -> Callable[..., None]:
    """Return a test function, parametrised by the rules of modules or sequences.

    Raises:
        RuleError: a subject holds no rules.
    """
    import pytest

    from rewriter.checking.checker import rules_in

    found = [rule for subject in subjects for rule in rules_in(subject)]

    @pytest.mark.parametrize("rule", found, ids=lambda rule: str(rule.name))
    def test(rule: Any) -> None:
        assert_proved(rule)

    checked: Callable[..., None] = test
    return checked
