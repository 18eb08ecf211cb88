"""Unification: every substitution that makes two terms with variables equal, through kanren.

>>> from rewriter.matching import Operator, constants, variables
>>> (a, b), (x, y) = constants("a b"), variables("x y")
>>> plus = Operator("plus", associative=True, commutative=True)
>>> for unifier in unify(plus(x, a), plus(y, b)):
...     print(unifier(plus(x, a)) is unifier(plus(y, b)), len(unifier))
True 2
True 2
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kanren.core import run
from unification import reify

from rewriter.errors import BudgetExceeded
from rewriter.matching import goals
from rewriter.matching.budget import DEFAULT_STEPS, Budget, charged
from rewriter.matching.horizon import DEFAULT_DEPTH, Horizon
from rewriter.matching.protocol import Operator, is_ground, order_key, variables_of
from rewriter.matching.substitution import Substitution, substitute
from rewriter.matching.term import Constant
from rewriter.matching.variable import Abstraction, Rest, Variable

__all__ = ["Unifiers", "unify"]

_COMPARED = 256  # so many earlier unifiers an answer is compared with
_tuple_of = Operator("unifier")


class Wanted(Substitution):
    """The form that kanren is asked to reify: the values of the variables of both sides."""

    __slots__ = ("variables",)

    def __init__(self, variables: tuple[Any, ...]) -> None:
        super().__init__({})
        self.variables = variables


@reify.register(Wanted, Mapping)  # type: ignore[untyped-decorator]
def _(wanted: Wanted, state: Mapping[Any, Any]) -> Substitution:
    values = {each: state[each] for each in wanted.variables if each in state}
    if type(state) is not goals.GroundState:
        for variable, value in values.items():
            if not is_ground(value):
                values[variable] = reify(value, state)
    return Substitution(values)


class Unifiers(Iterator[Substitution]):
    """The unifiers of two terms, found as they are asked for.

    No unifier is an instance of one that came before it (of the last few hundred).

    Attributes:
        horizon: says by `complete` and `reasons` whether, and why, unifiers were cut.
    """

    def __init__(
        self,
        found: Iterator[Substitution],
        variables: tuple[Any, ...],
        horizon: Horizon,
        budget: Budget,
        renewed: bool,
        culprit: object,
    ) -> None:
        self.horizon = horizon
        self._variables = variables
        self._found = found
        self._given: list[Any] = []
        self._budget = budget
        self._renewed = renewed
        self._culprit = culprit

    @property
    def complete(self) -> bool:
        """Whether nothing was cut so far; once the iterator is exhausted, whether it gave a
        complete set.
        """
        return self.horizon.complete

    def __next__(self) -> Substitution:
        for unifier in self._found:
            values = tuple(unifier.get(each, each) for each in self._variables)
            if any(isinstance(value, Abstraction) for value in values):
                return unifier
            answer = _tuple_of(*values)
            earlier = self._given if self.horizon.overlapping else ()
            if not any(self._is_instance(answer, other) for other in earlier):
                self._given = [*self._given[1 - _COMPARED :], answer]
                if self._renewed:
                    self._budget.left = self._budget.steps
                return unifier
        raise StopIteration

    def _is_instance(self, answer: Any, other: Any) -> bool:
        """Compare two answers; the steps that this takes come off the budget."""
        budget = Budget(self._budget.left)
        try:
            return is_instance(answer, other, budget)
        except BudgetExceeded:
            return False
        finally:
            self._budget.left = budget.left
            self._budget.spend(self._culprit, 0)


def is_instance(term: Any, general: Any, budget: Budget) -> bool:
    """Whether a term is an instance of another that has no variables in common with it, modulo the
    laws.
    """
    frozen = {each: Constant(f"?{each}") for each in variables_of(term)}
    plain = [each for each in variables_of(general) if type(each) is Variable]
    pattern = substitute(general, {each: Rest() for each in plain if each.accepts is None})
    goal = goals.eq_ac(pattern, substitute(term, frozen), budget=budget)
    return next(goal({}), None) is not None


def unify(
    left: Any, right: Any, budget: int | Budget | None = None, depth: int = DEFAULT_DEPTH
) -> Unifiers:
    """Yield lazily substitutions that make two terms equal, of which all others are instances.

    Here every variable, plain or rest, stands for any term: unification is that of the algebra,
    where `match` counts operands.

    Args:
        left: a term.
        right: a term.
        budget: how many choices may be tried for one answer, or a `Budget` for several calls.
        depth: for operators that are associative only, and so have infinitely many unifiers, how
            often a variable may be split; the answer's `complete` says whether that cut anything.

    Raises:
        BudgetExceeded: by the iterator, where the budget is met.
    """
    names = sorted(variables_of(left) | variables_of(right), key=order_key)
    plain = [each for each in names if type(each) is Variable and each.accepts is None]
    taken = {str(each) for each in names if each not in plain}
    general = {each: Rest(None if str(each) in taken else str(each)) for each in plain}
    back = {twin: name for name, twin in general.items()}
    horizon = Horizon(depth, collapsing=True)
    wanted = Wanted(tuple(general.get(each, each) for each in names))
    spent, own = charged(DEFAULT_STEPS if budget is None else budget)
    options: dict[str, Any] = {"horizon": horizon, "budget": spent}
    goal = goals.eq_ac(substitute(left, general), substitute(right, general), **options)
    found = (_renamed(answer, back) for answer in run(None, wanted, goal))
    return Unifiers(found, tuple(names), horizon, spent, own, (left, right))


def _renamed(answer: Substitution, back: dict[Any, Any]) -> Substitution:
    return Substitution(
        {
            back.get(variable, variable): substitute(value, back)
            for variable, value in answer.items()
        }
    )
