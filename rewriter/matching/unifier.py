"""Unification: substitutions that make two terms with variables equal, modulo their operators'
laws.

A node of the search holds triangular bindings, equations not yet taken apart, and problems: two
lists of operands under one equational operator. Equations are decided at once; the smallest problem
is branched on. Nothing recurses, and a unifier is found when it is asked for.

Completeness: for AC, ACU, ACI, ACUI and C with free symbols and binders the answers are a complete
set. Where they are not (associativity alone is infinitary), the horizon says what was cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from unification import reify

from rewriter.matching.budget import Budget
from rewriter.matching.collapsing import ways_to_collapse
from rewriter.matching.foreign import equations_of_parts
from rewriter.matching.horizon import Horizon
from rewriter.matching.index import Index
from rewriter.matching.protocol import (
    Operator,
    flatten,
    free_indices,
    fresh_index,
    is_ground,
    is_index_expression,
    open_binder,
    operands_of,
    operator_of,
    variables_of,
)
from rewriter.matching.search import MISSING, Bindings
from rewriter.matching.substitution import instantiate
from rewriter.matching.variable import Abstraction, IndexVariable, Kind, Variable, kind_of

__all__ = ["Equations", "Unification"]

Equation = tuple[Any, Any]
Equations = tuple[Equation, ...]


class Posed(NamedTuple):
    """Two lists of operands that are to be equal under an operator."""

    operator: Operator
    left: tuple[Any, ...]
    right: tuple[Any, ...]
    depth: int


class Strict(NamedTuple):
    """What must stay one operand of which operator: what was added last, and all before."""

    added: tuple[tuple[Any, Operator], ...]
    before: Strict | None


class Node(NamedTuple):
    """A state of the search."""

    bindings: Bindings
    equations: Equations
    problems: tuple[Posed, ...]
    strict: Strict | None
    branched: bool  # whether a choice was made on the way here


Branches = Iterator[Node]


class Unification:
    """One search for unifiers.

    Args:
        budget: what each node is charged to.
        renewed: whether an answer renews the budget.
        culprit: named when the budget is met.
        horizon: how deep infinitary problems are followed, and where it is said that they were cut.
    """

    def __init__(self, budget: Budget, renewed: bool, culprit: object, horizon: Horizon) -> None:
        self.budget = budget
        self.renewed = renewed
        self.culprit = culprit
        self.horizon = horizon
        self.opened: set[Index] = set()

    def spend(self) -> None:
        """Take one step off the budget."""
        self.budget.spend(self.culprit)

    def answers(self, left: Any, right: Any) -> Iterator[Bindings]:
        """Yield triangular bindings that make the two sides equal."""
        stack: list[Branches] = [iter((Node({}, ((left, right),), (), None, False),))]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
                continue
            self.spend()
            settling = Settling(self, node)
            branches = settling.run()
            if branches is not None:
                stack.append(branches)
            elif settling.solved and self.is_sound(settling):
                self.budget.answers += 1
                if self.renewed:
                    self.budget.left = self.budget.steps
                yield settling.bindings

    def is_sound(self, settling: Settling) -> bool:
        """Whether what must stay one operand has stayed one, and no guard objects."""
        strict = settling.strict
        while strict is not None:
            if not all(stays_one(term, operator, settling) for term, operator in strict.added):
                return False
            strict = strict.before
        return all(self.guard_holds(variable, settling) for variable in settling.bindings)

    def guard_holds(self, variable: Any, settling: Settling) -> bool:
        """Whether a guarded variable's value, once it has no variables, is accepted."""
        guard = variable.accepts if isinstance(variable, Variable) else None
        if guard is None:
            return True
        value = settling.reified(variable)
        return not is_ground(value) or bool(guard(value))


def stays_one(term: Any, operator: Operator, settling: Settling) -> bool:
    """Whether a term has become neither several operands of an operator nor none."""
    value = settling.walk(term)
    if operator_of(value) is operator:
        operands = settling.flat(operator, (value,))
        return len({*map(settling.reified, operands)} if operator.idempotent else operands) == 1
    return operator.unit is None or value != operator.unit


class Settling:
    """A node while it is worked on."""

    def __init__(self, search: Unification, node: Node) -> None:
        self.search = search
        self.bindings = dict(node.bindings)
        self.equations = list(node.equations)
        self.problems = list(node.problems)
        self.strict = node.strict
        self.branched = node.branched
        self.solved = False
        self.seen: set[Equation] = set()

    def run(self) -> Branches | None:
        """Decide what needs no choice; return the branches of the first choice, None where there is
        none.
        """
        while self.equations:
            result = self.equate(*self.equations.pop())
            if result is False:
                return None
            if result is not True:
                return self.under(result)
        if not self.problems:
            self.solved = True
            return None
        from rewriter.matching.equational import branches_of

        place = min(range(len(self.problems)), key=lambda at: _size(self.problems[at]))
        posed = self.problems.pop(place)
        return branches_of(posed, self)

    def under(self, alternatives: Iterator[Equations]) -> Branches:
        """Return the nodes that add some equations each to this one."""
        self.search.horizon.overlapping = True
        for added in alternatives:
            yield self.node(added)

    def node(
        self,
        added: Equations = (),
        problems: tuple[Posed, ...] = (),
        strict: tuple[tuple[Any, Operator], ...] = (),
    ) -> Node:
        """Return this node with more to do."""
        return Node(
            self.bindings,
            (*self.equations, *added),
            (*self.problems, *problems),
            Strict(strict, self.strict) if strict else self.strict,
            True,
        )

    def walk(self, term: Any) -> Any:
        """Return what a variable stands for, or a known function applied; else the term."""
        while True:
            kind = kind_of(term)
            if kind is Kind.TERM:
                return term
            variable = term.function if kind is Kind.APPLIED else term
            value = self.bindings.get(variable, MISSING)
            if value is MISSING:
                return term
            term = instantiate(term, self.bindings) if kind is Kind.APPLIED else value

    def flat(self, operator: Operator, operands: tuple[Any, ...]) -> list[Any]:
        """Return operands walked and flattened under an operator, without units."""
        found: list[Any] = []
        stack = list(reversed(operands))
        while stack:
            operand = self.walk(stack.pop())
            if not operator.associative:
                found.append(operand)
                continue
            parts = flatten(operator, operand)
            if len(parts) == 1 and parts[0] is operand:
                found.append(operand)
            else:
                stack.extend(reversed(parts))
        return found

    def equate(self, left: Any, right: Any) -> bool | Iterator[Equations]:
        """Decide an equation: True and False, or the alternatives that it has."""
        left, right = self.walk(left), self.walk(right)
        if left is right:
            return True
        kinds = (kind_of(left), kind_of(right))
        if Kind.APPLIED in kinds:
            if kinds[0] is not Kind.APPLIED:
                left, right = right, left
            return self.equate_applied(left, right)
        if kinds[0] is not Kind.TERM or (kinds[1] is not Kind.TERM):
            if _restriction(left) > _restriction(right):
                left, right = right, left
            return self.bind(left, right)
        if is_ground(left) and is_ground(right):
            return bool(left == right)
        return self.equate_terms(left, right)

    def equate_terms(self, left: Any, right: Any) -> bool | Iterator[Equations]:
        """Take two terms apart."""
        operator, other = operator_of(left), operator_of(right)
        if operator is other is None:
            parts = equations_of_parts(left, right)
            self.equations.extend(parts or ())
            return parts is not None
        if (left, right) in self.seen:
            return True
        self.seen.add((left, right))
        if operator is other and operator is not None:
            if operator.equational:
                sides = operands_of(left), operands_of(right)
                self.problems.append(Posed(operator, *sides, self.search.horizon.depth))
                return True
            return self.decompose(operator, left, right)
        return any_of(chain(collapsed(left, right), collapsed(right, left)))

    def decompose(self, operator: Operator, left: Any, right: Any) -> bool:
        """Equate the operands of two terms of a free operator or a binder."""
        if operator.binder:
            index = fresh_index(right)
            self.search.opened.add(index)
            operands, others = open_binder(left, index), open_binder(right, index)
        else:
            operands, others = operands_of(left), operands_of(right)
        if len(operands) != len(others):
            return False
        self.equations.extend(zip(operands, others, strict=True))
        return True

    def bind(self, variable: Any, term: Any) -> bool | Iterator[Equations]:
        """Let an unknown variable stand for a term, unless it occurs in it."""
        if not self.may_stand_for(variable, term):
            return False
        if self.occurs(variable, term):
            operator = operator_of(term)
            if operator is not None and operator.associative:
                parts = self.flat(operator, (term,))
                if any(part is variable for part in parts):
                    depth = self.search.horizon.depth
                    self.problems.append(Posed(operator, (variable,), tuple(parts), depth))
                    return True
            return any_of(chain(collapsed(term, variable), self.collapsed_inside(term, variable)))
        self.bindings[variable] = term
        return True

    def collapsed_inside(self, term: Any, variable: Any) -> Iterator[Equations]:
        """Yield the ways in which an operand around a variable loses its root, and what is left
        equals the variable.
        """
        operator = operator_of(term)
        if operator is None or not (operator.associative and self.search.horizon.collapsing):
            return
        parts = self.flat(operator, (term,))
        for at, part in enumerate(parts):
            if self.occurs(variable, part):
                for kept, equal in ways_to_collapse(part):
                    left = operator(*parts[:at], kept, *parts[at + 1 :])
                    yield ((variable, left), *equal)

    def may_stand_for(self, variable: Any, term: Any) -> bool:
        """Whether sort, guard and scope let a variable stand for a term."""
        if type(variable) is IndexVariable and not is_index_expression(term):
            return kind_of(term) is not Kind.TERM
        opened = self.search.opened
        if opened and not opened.isdisjoint(free_indices(term)):
            return False
        guard = variable.accepts if isinstance(variable, Variable) else None
        return guard is None or not is_ground(term) or bool(guard(term))

    def reified(self, term: Any) -> Any:
        """Return a term with all that is bound replaced."""
        return reify(term, self.bindings)

    def occurs(self, variable: Any, term: Any) -> bool:
        """Whether a variable occurs in a term as far as it is known."""
        seen: set[Any] = set()
        stack = list(variables_of(term))
        while stack:
            each = stack.pop()
            if each is variable:
                return True
            if each not in seen:
                seen.add(each)
                value = self.bindings.get(each, MISSING)
                if value is not MISSING:
                    stack.extend(variables_of(value))
        return False

    def equate_applied(self, applied: Any, term: Any) -> bool:
        """Solve a Miller pattern against a term."""
        arguments = applied.arguments
        miller = len(set(arguments)) == len(arguments) and self.search.opened.issuperset(arguments)
        if not miller:
            self.search.horizon.cut(f"{applied} is not applied to distinct bound indices")
            return False
        if kind_of(term) is Kind.APPLIED and term.function is applied.function:
            kept = tuple(a for a, b in zip(arguments, term.arguments, strict=True) if a is b)
            self.bindings[applied.function] = Abstraction(arguments, fresh_function(applied, kept))
            return True
        if self.occurs(applied.function, term):
            return False
        if not self.search.opened.intersection(free_indices(term)) <= set(arguments):
            self.search.horizon.cut(f"{term} has indices that {applied} has not")
            return False
        self.bindings[applied.function] = Abstraction(arguments, term)
        return True


def collapsed(term: Any, other: Any) -> Iterator[Equations]:
    """Yield the ways in which a term loses its root and equals another."""
    for kept, equal in ways_to_collapse(term):
        yield ((kept, other), *equal)


def any_of(alternatives: Iterator[Equations]) -> bool | Iterator[Equations]:
    """Return alternatives, False where there are none."""
    first = next(alternatives, None)
    return False if first is None else chain((first,), alternatives)


def fresh_function(applied: Any, arguments: tuple[Any, ...]) -> Any:
    """Return a new function variable of an applied one's class, applied to some indices."""
    return type(applied)(type(applied.function)(), arguments)


def _restriction(term: Any) -> int:
    """Return how little a term may still stand for; of two variables the freer one is bound."""
    kind = kind_of(term)
    if kind is Kind.TERM:
        return 8
    guarded = isinstance(term, Variable) and term.accepts is not None
    return 4 * (type(term) is IndexVariable) + 2 * (kind is Kind.ONE) + guarded


def _size(posed: Posed) -> int:
    return len(posed.left) + len(posed.right)
