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

from rewriter.matching import goals
from rewriter.matching.budget import Budget
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

    def __init__(self, found: Iterator[Substitution], variables: tuple[Any, ...], horizon: Horizon):
        self.horizon = horizon
        self._variables = variables
        self._found = found
        self._given: list[Any] = []

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
            if not any(is_instance(answer, other) for other in earlier):
                self._given = [*self._given[1 - _COMPARED :], answer]
                return unifier
        raise StopIteration


def is_instance(term: Any, general: Any) -> bool:
    """Whether a term is an instance of another that has no variables in common with it, modulo the
    laws.
    """
    frozen = {each: Constant(f"?{each}") for each in variables_of(term)}
    return next(goals.eq_ac(general, substitute(term, frozen))({}), None) is not None


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
        PatternError: for an idempotent operator.
        BudgetExceeded: by the iterator, where the budget is met.
    """
    names = sorted(variables_of(left) | variables_of(right), key=order_key)
    general = {each: Rest() for each in names if type(each) is Variable and each.accepts is None}
    back = {twin: name for name, twin in general.items()}
    horizon = Horizon(depth, collapsing=True)
    wanted = Wanted(tuple(general.get(each, each) for each in names))
    options: dict[str, Any] = {"horizon": horizon}
    if budget is not None:
        options["budget"] = budget
    goal = goals.eq_ac(substitute(left, general), substitute(right, general), **options)
    found = (_renamed(answer, back) for answer in run(None, wanted, goal))
    return Unifiers(found, tuple(names), horizon)


def _renamed(answer: Substitution, back: dict[Any, Any]) -> Substitution:
    return Substitution(
        {
            back.get(variable, variable): substitute(value, back)
            for variable, value in answer.items()
        }
    )
