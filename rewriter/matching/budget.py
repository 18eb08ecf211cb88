"""Budgets: a search that may take for ever says so instead.

>>> budget = Budget(2)
>>> budget.spend("x*y against z"); budget.spend("x*y against z"); budget.spend("x*y against z")
Traceback (most recent call last):
...
rewriter.errors.BudgetExceeded: matching met its budget of 2 steps [culprit: x*y against z]
"""

from __future__ import annotations

from rewriter.errors import AttributeValueError, BudgetExceeded

__all__ = ["DEFAULT_STEPS", "Budget", "charged"]

DEFAULT_STEPS = 1_000_000


class Budget:
    """A number of steps that a search may take.

    Given to several searches, it bounds all of them together. A search that is given a number
    instead has a budget of its own, which every answer renews: so it bounds the work for one
    answer, not the number of answers.

    Args:
        steps: how many choices may be tried.

    Raises:
        AttributeValueError: that is no number of steps.
    """

    __slots__ = ("answers", "left", "steps")

    def __init__(self, steps: int = DEFAULT_STEPS) -> None:
        if not isinstance(steps, int) or steps < 0:
            raise AttributeValueError("a budget is a number of steps", culprit=repr(steps))
        self.steps = steps
        self.left = steps
        self.answers = 0

    def spend(self, culprit: object, steps: int = 1) -> None:
        """Take steps off.

        Raises:
            BudgetExceeded: where too few are left; `reached` is the number of answers found until
                then.
        """
        self.left -= steps
        if self.left < 0:
            reason = f"matching met its budget of {self.steps} steps"
            raise BudgetExceeded(reason, culprit=culprit, reached=self.answers)


def charged(budget: int | Budget) -> tuple[Budget, bool]:
    """Return the budget that a search spends, and whether it is the search's own."""
    if isinstance(budget, Budget):
        return budget, False
    return Budget(budget), True
