"""Depth-first search for the substitutions that make a pattern equal to a subject.

A node of the search holds what is bound so far, equations not yet taken apart, and problems:
operands under an associative or commutative operator against the operands of a subject. Equations
are decided at once; of the problems the one with the fewest choices is branched on, so variables
under free symbols, ground operands and operands with one candidate go first, and variables for many
operands last. The stack is a list of iterators: nothing recurses, and an answer is found when it is
asked for.

    e[i] * inverse(Σ_j e[j]) * rest     the sum goes first, for it has one candidate; then e is
    known, and e[i] with it
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol

from unification.variable import Var

from rewriter.errors import PatternError
from rewriter.matching.budget import Budget
from rewriter.matching.foreign import equations_of_parts
from rewriter.matching.index import Index
from rewriter.matching.protocol import (
    Operator,
    free_indices,
    fresh_index,
    is_ground,
    is_index_expression,
    open_binder,
    operands_of,
    operator_of,
)
from rewriter.matching.substitution import instantiate
from rewriter.matching.variable import Abstraction, Applied, IndexVariable, Kind, kind_of
from rewriter.matching.way import Way

__all__ = ["MISSING", "Branch", "Bindings", "Choice", "Frame", "Node", "Problem", "Search", "Stage"]

Bindings = dict[Any, Any]
Equation = tuple[Any, Any]
MISSING: Any = object()


class Node(NamedTuple):
    """A state of the search."""

    bindings: Bindings
    known: int  # how many of the bindings the problems have taken note of
    equations: tuple[Equation, ...]
    posed: tuple[Problem, ...]  # problems to look at first
    problems: tuple[Problem, ...]
    forced: tuple[Problem, ...]


class Stage(IntEnum):
    """When an operand is branched on."""

    STRUCTURE = 0
    ONE = 1
    MANY = 2
    STUCK = 3


Branch = tuple[Bindings, tuple[Equation, ...], "Problem | None"]


class Choice(NamedTuple):
    """How many branches an operand has, the stage they belong to, and the branches."""

    stage: Stage
    width: int
    branches: Iterator[Branch]

    @property
    def rank(self) -> tuple[int, int]:
        """Fewest branches first, but variables for many operands, whose branches multiply, last."""
        return (max(self.stage, 1), self.width)


class Problem(Protocol):
    """Operands of a pattern against operands of a subject, under one equational operator."""

    def simplify(self, search: Search, frame: Frame) -> Problem | None:
        """Take out what is decided; None where that shows that there is no solution."""

    @property
    def solved(self) -> bool:
        """Whether nothing is left to decide."""

    @property
    def watched(self) -> tuple[Any, ...]:
        """The variables whose values would decide something."""

    @property
    def forced(self) -> bool:
        """Whether one variable is left, which takes all that is left."""

    def conclude(self, search: Search, frame: Frame) -> bool:
        """Let that variable take it; False where it may not."""

    def choice(self, search: Search, frame: Frame) -> Choice:
        """Return the branches of the most constrained operand."""


class Frame:
    """A node while it is worked on.

    Of the problems, those that are forced wait apart: they cost nothing until all else is decided,
    and wake when what they wait for becomes known earlier.
    """

    __slots__ = (
        "bindings", "equations", "forced", "known", "posed", "problems", "search", "seen",
    )  # fmt: skip

    def __init__(self, search: Search, node: Node) -> None:
        self.search = search
        self.bindings = dict(node.bindings)
        self.known = node.known
        self.equations = list(node.equations)
        self.problems = list(node.problems)
        self.forced = list(node.forced)
        self.posed = list(node.posed)
        self.seen: set[Equation] = set()

    def follow(self, branch: Branch, others: list[Problem]) -> None:
        """Take the only branch of a choice."""
        self.bindings, equations, left = branch
        self.equations = list(equations)
        self.problems = others
        self.posed = [] if left is None else [left]

    def settle(self) -> bool:
        """Decide all that needs no choice; False where there is no solution."""
        while True:
            if not self.decide():
                return False
            if self.problems or not self.forced:
                return True
            forced, self.forced = self.forced, []
            for problem in forced:
                if problem.watched[0] in self.bindings:
                    self.posed.append(problem)
                elif not problem.conclude(self.search, self):
                    return False

    def decide(self) -> bool:
        """Take apart equations, and problems as far as they are known, until all is still."""
        while True:
            while self.equations:
                if not self.search.equate(*self.equations.pop(), self):
                    return False
            if len(self.bindings) == self.known and not self.posed:
                return True
            unnoticed = len(self.bindings) - self.known
            touched, self.posed = self.posed, []
            if unnoticed and (self.problems or self.forced):
                bound = frozenset(islice(reversed(self.bindings), unnoticed))
                self.problems = _keep(self.problems, bound, touched)
                self.forced = _keep(self.forced, bound, touched)
            self.known += unnoticed
            for problem in touched:
                left = problem.simplify(self.search, self)
                if left is None:
                    return False
                if not left.solved:
                    (self.forced if left.forced else self.problems).append(left)


def _keep(problems: list[Problem], bound: frozenset[Any], touched: list[Problem]) -> list[Problem]:
    """Return the problems that do not watch what was bound; move the others."""
    kept: list[Problem] = []
    for problem in problems:
        (kept if bound.isdisjoint(problem.watched) else touched).append(problem)
    return kept


class Search:
    """One search: its budget, the indices that it opened, and what it was asked.

    Args:
        budget: what each node is charged to.
        renewed: whether an answer renews the budget.
        culprit: named when the budget is met.
        pose: makes the problem of a pattern and a subject under an equational operator.
        defer: makes the problem of a function that is not known yet and a subject.
    """

    def __init__(
        self,
        budget: Budget,
        renewed: bool,
        culprit: object,
        pose: Callable[[Operator, Any, Any], Problem],
        defer: Callable[[Applied, Any], Problem],
    ) -> None:
        self.pose = pose
        self.defer = defer
        self.budget = budget
        self.renewed = renewed
        self.culprit = culprit
        self.opened: set[Index] = set()
        self.splitting = False
        self._way = Way()
        self._opened_terms: dict[Any, tuple[Index, tuple[Any, ...]]] = {}

    def spend(self) -> None:
        """Take one step off the budget."""
        self.budget.spend(self.culprit)

    def answers(self, pattern: Any, subject: Any, bindings: Bindings) -> Iterator[Bindings]:
        """Yield the extensions of `bindings` under which a pattern equals a subject without
        variables.
        """
        root = Node(bindings, len(bindings), ((pattern, subject),), (), (), ())
        stack: list[Iterator[Node | Bindings]] = [iter((root,))]
        budget, renewed = self.budget, self.renewed
        while stack:
            for node in stack[-1]:
                budget.spend(self.culprit)
                if isinstance(node, Node):
                    self._way.return_to(len(stack))
                    frame = Frame(self, node)
                    below = self.work(frame)
                    if below is not None:
                        stack.append(below)
                        break
                    node = frame.bindings
                budget.answers += 1
                if renewed:
                    budget.left = budget.steps
                yield node
            else:
                stack.pop()

    def work(self, frame: Frame) -> Iterator[Node | Bindings] | None:
        """Decide what needs no choice; return the nodes below, or None where all is decided.

        A choice with one branch is none: it is followed at once, and nothing is kept to return to.
        """
        while True:
            if not frame.settle():
                return iter(())
            if not frame.problems:
                return None
            choice, others = self.choice(frame)
            branches = choice.branches
            if choice.width <= 1:
                found = tuple(islice(branches, 2))
                if len(found) == 1:
                    self.spend()
                    frame.follow(found[0], others)
                    continue
                branches = chain(found, branches)
            return self.nodes(frame, branches, tuple(others))

    def choice(self, frame: Frame) -> tuple[Choice, list[Problem]]:
        """Return the choice that has the fewest branches, and the problems beside its own."""
        if len(frame.problems) == 1:
            return frame.problems[0].choice(self, frame), []
        best: Choice | None = None
        place = 0
        for each, problem in enumerate(frame.problems):
            choice = problem.choice(self, frame)
            if best is None or choice.rank < best.rank:
                best, place = choice, each
            if choice.stage <= Stage.ONE and choice.width <= 1:
                break
        assert best is not None
        return best, [*frame.problems[:place], *frame.problems[place + 1 :]]

    def nodes(
        self, frame: Frame, branches: Iterator[Branch], others: tuple[Problem, ...]
    ) -> Iterator[Node | Bindings]:
        """Yield the nodes below a node; bindings alone where nothing is left to do."""
        forced = tuple(frame.forced)
        last = not (others or forced)
        for bindings, equations, left in branches:
            if last and left is None and not equations:
                yield bindings
                continue
            posed = () if left is None else (left,)
            yield Node(bindings, frame.known, equations, posed, others, forced)

    def undetermined(self, applied: Applied) -> PatternError:
        """Return the error for a function variable that no place of the pattern determines."""
        reason = (
            "a function variable must be applied to distinct bound indices somewhere in the pattern"
        )
        return PatternError(reason, culprit=applied)

    def equate(self, pattern: Any, subject: Any, frame: Frame) -> bool:
        """Decide an equation, or take it apart; False where it cannot hold."""
        kind = kind_of(pattern)
        if kind is Kind.APPLIED:
            return self.equate_applied(pattern, subject, frame)
        if kind is not Kind.TERM:
            return self.assign(pattern, subject, frame)
        if is_ground(pattern):
            return pattern is subject or bool(pattern == subject)
        operator = operator_of(pattern)
        if operator is None:
            parts = equations_of_parts(pattern, subject)
            frame.equations.extend(parts or ())
            return parts is not None
        if (pattern, subject) in frame.seen:
            return True
        frame.seen.add((pattern, subject))
        if operator.equational:
            if self._way.is_new((pattern, subject)):
                frame.posed.append(self.pose(operator, pattern, subject))
            return True
        if operator_of(subject) is not operator:
            return False
        if operator.binder:
            index, operands = self.opened_binder(subject)
            opened = open_binder(pattern, index)
        else:
            opened, operands = operands_of(pattern), operands_of(subject)
        if len(opened) != len(operands):
            return False
        frame.equations.extend(zip(opened, operands, strict=True))
        return True

    def opened_binder(self, subject: Any) -> tuple[Index, tuple[Any, ...]]:
        """Open a subject's binder; the same one always with the same index."""
        found = self._opened_terms.get(subject)
        if found is None:
            index = fresh_index(subject)
            self.opened.add(index)
            found = self._opened_terms[subject] = (index, open_binder(subject, index))
        return found

    def in_scope(self, subject: Any, arguments: Iterable[Any] = ()) -> bool:
        """Whether a term mentions no opened index beside the arguments."""
        return not self.opened or self.opened.isdisjoint(
            free_indices(subject).difference(arguments)
        )

    def assignable(self, variable: Any, value: Any) -> bool:
        """Whether a variable that is not applied may stand for a value."""
        return self.in_scope(value) and self.accepts(variable, value)

    def accepts(self, variable: Any, value: Any) -> bool:
        """Whether a variable's guard and sort take a value."""
        if type(variable) is Var:
            return True
        if type(variable) is IndexVariable and not is_index_expression(value):
            return False
        guard = variable.accepts
        return guard is None or bool(guard(value))

    def assign(self, variable: Any, subject: Any, frame: Frame) -> bool:
        """Let a variable stand for a term; False where it may not, or stands for another."""
        value = frame.bindings.get(variable, MISSING)
        if value is not MISSING:
            return bool(value == subject)
        if not self.assignable(variable, subject):
            return False
        frame.bindings[variable] = subject
        return True

    def is_miller(self, applied: Applied) -> bool:
        """Whether a function is applied to distinct opened indices."""
        arguments = applied.arguments
        return len(set(arguments)) == len(arguments) and self.opened.issuperset(arguments)

    def equate_applied(self, applied: Applied, subject: Any, frame: Frame) -> bool:
        """Let an applied function be equal to a subject, now or when the function is known."""
        if applied.function in frame.bindings:
            frame.equations.append((self.instantiated(applied, frame.bindings), subject))
            return True
        if not self.is_miller(applied):
            frame.posed.append(self.defer(applied, subject))
            return True
        value = self.abstracted(applied, subject)
        if value is None:
            return False
        frame.bindings[applied.function] = value
        return True

    def abstracted(self, applied: Applied, body: Any) -> Abstraction | None:
        """Return the abstraction that makes a Miller pattern equal to a body; None where it may not
        be.
        """
        if not self.in_scope(body, applied.arguments):
            return None
        value = Abstraction(applied.arguments, body)
        return value if self.accepts(applied.function, value) else None

    def instantiated(self, applied: Applied, bindings: Bindings) -> Any:
        """Return a known function applied to its arguments."""
        return instantiate(applied, bindings)
