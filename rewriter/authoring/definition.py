"""Rules: two sides and conditions, checked where they are written."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rewriter.authoring.counts import Counts
from rewriter.authoring.fixed_places import without_fixed_places
from rewriter.authoring.loops import comes_first, orient
from rewriter.authoring.parameter import IndexParameter, parameter
from rewriter.authoring.pattern import UNKNOWN
from rewriter.authoring.rewriting import Rewrite
from rewriter.authoring.sides import Sides
from rewriter.authoring.spellings import spellings
from rewriter.authoring.statistics import counted
from rewriter.errors import PatternError, RewriterError, RuleError, UnboundVariableError
from rewriter.facts.verdict import PROVED, Fact
from rewriter.graph.node import topological
from rewriter.graph.origin import Origin
from rewriter.matching.protocol import variables_of
from rewriter.matching.substitution import Substitution
from rewriter.matching.variable import Applied, IndexVariable
from rewriter.terms.binding import replace
from rewriter.terms.reading import normal_form
from rewriter.terms.term import Application, Combination, Element, Truth
from rewriter.terms.traversal import parts_of
from rewriter.terms.views import term_of, view


@dataclass(frozen=True)
class Match:
    """One way in which a rule's left side is a subject.

    Attributes:
        rule: the rule.
        substitution: what each variable stands for.
        facts: one for each condition.
        sides: the sides that it is of, as patterns.
        as_written: the subject and the sides are as they are written.
    """

    rule: Rule
    substitution: Substitution
    facts: tuple[Fact, ...]
    sides: Sides
    as_written: bool = False

    @property
    def proved(self) -> bool:
        """All conditions are proved."""
        return all(fact.answer is PROVED for fact in self.facts)

    @cached_property
    def result(self) -> Combination:
        """What the subject becomes."""
        return self.sides.result(self.substitution)


class Rule:
    """A directed equation with conditions.

    Attributes:
        name: what it is called.
        statement: the law in mathematics, from the docstring.
        left, right: the two sides as pattern terms.
        conditions: what must be proved for it to fire: that it is true, and that it is worth it.
        origin: where it is written.
        written: the two sides as they are written.
        indices: the indices among its variables.
        ordered: its sides are permutations of one another; it fires only towards the smaller one.
        known: the theory holds it already, so that no term in normal form is a redex.
        compares: its left side has a comparison, so that those of a subject are read as such.
        turned: it is an equation, read from its right side to its left.
    """

    turned = False

    def __init__(self, name: str, statement: str, body: Rewrite, indices: Iterable[IndexParameter],
                 origin: Origin) -> None:  # fmt: skip
        self.name, self.statement, self.origin = name, statement, origin
        self.conditions = body.conditions + body.worth
        self.written, self.indices, self.ordered = body, tuple(indices), False
        sides = without_fixed_places(body, self.indices)
        left, right = map(normal_form, sides)
        free: dict[Any, Any] = {
            i.axis: IndexVariable(i.name) for i in self.indices if i.axis in left.free
        }
        self.left, self.compares = view(replace(left, free)), _compares(left)
        self.right = view(replace(right, free))
        spoken = (variables_of(self.right), *(c.variables for c in self.conditions))
        self.counts = Counts(sides, self.left, spoken)
        self.sides = Sides(self.left, self.right, self.counts)
        self._matched = sides, free
        self._check(right)

    def _check(self, right: Combination) -> None:
        known = variables_of(self.left)
        self.known = self.left is self.right and (not known or _matches_everything(self.left))
        if self.written.left.operator is UNKNOWN:
            raise PatternError("the left side matches everything", culprit=self)
        if self.known and self.written.left is not self.written.right:
            return
        if not known:
            raise PatternError("the left side has no variable", culprit=self)
        if _matches_everything(self.left):
            raise PatternError("the left side matches everything", culprit=self)
        for side in (self.left, self.right):
            _check_read(term_of(side))
        untold = self.counts.wanted - self.counts.told
        for count in sorted(untold if self.left is not self.right else (), key=str):
            raise UnboundVariableError("no function on the left side tells how far an index runs",
                                       culprit=f"{count} of {self}")  # fmt: skip
        for variable in sorted(variables_of(self.right) - known - self.counts.told, key=str):
            raise UnboundVariableError("the right side has a variable that the left does not bind",
                                       culprit=f"{variable} of {self}")  # fmt: skip
        for axis in sorted(term_of(self.right).free, key=str):
            raise UnboundVariableError("the right side has an index that is free on it alone",
                                       culprit=f"{axis} of {self}")  # fmt: skip
        for condition in self.conditions:
            for variable in sorted(condition.variables - known - self.counts.told, key=str):
                raise UnboundVariableError("a condition has a variable that the left does not bind",
                                           culprit=f"{variable} of {self}")  # fmt: skip

    def matches(self, subject: Combination, spelled: bool = False) -> Iterator[Match]:
        """Yield every way in which the left side equals a term modulo the theory.

        Args:
            subject: the term.
            spelled: where there is none, the other spellings of the left side are tried.
        """
        if self.known:
            return
        yield from counted(self, subject, self._matches(subject, spelled))

    def _matches(self, subject: Combination, spelled: bool) -> Iterator[Match]:
        found = False
        for one in self._matches_of(self.left, subject):
            found = True
            yield one
        for left in self.spellings if spelled and not found else ():
            yield from self._matches_of(left, subject)

    @cached_property
    def spellings(self) -> tuple[Any, ...]:
        """The left side with sums that are factors turned round: ``−(b − a)`` for ``a − b``."""
        return tuple(map(view, spellings(term_of(self.left))[1:]))

    def _matches_of(self, left: Any, subject: Combination) -> Iterator[Match]:
        other = None if left is self.left else left
        for substitution in self.sides.substitutions(view(subject), other):
            found = Match(self, substitution, self._facts(substitution), self.sides)
            if not self.ordered or comes_first(found.result, subject):
                yield found

    def _facts(self, substitution: Substitution) -> tuple[Fact, ...]:
        return tuple(condition.check(substitution) for condition in self.conditions)

    @cached_property
    def as_written(self) -> Any:
        """The rule for terms as they are written, or None (`rewriter.authoring.written_rule`)."""
        from rewriter.authoring.written_rule import written_rule

        return written_rule(self, *self._matched)

    def matches_as_written(self, subject: Combination, reader: Any) -> Iterator[Match]:
        """Yield every way in which the left side is a term that is as it is written.

        Args:
            subject: the term.
            reader: the kind of reader by which it was read.
        """
        if self.as_written is not None:
            sides = self.as_written.sides[reader]
            yield from counted(self, subject, self._as_written(subject, sides))

    def _as_written(self, subject: Combination, sides: Sides) -> Iterator[Match]:
        for substitution in sides.substitutions(view(subject)):
            yield Match(self, substitution, self._facts(substitution), sides, True)

    def __str__(self) -> str:
        return f"{self.name} ({self.origin})"

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.statement}>"


def _check_read(side: Combination) -> None:
    """Refuse a side in which an operation that the theory does not read holds a variable."""
    for part in parts_of(side):
        if isinstance(part, Element):
            for node in topological([part.node]):
                if node.operator is UNKNOWN:
                    raise PatternError("this operation of a rule's variables is not read by the "
                                       "theory", culprit=part.node.operator)  # fmt: skip


def _compares(side: Combination) -> bool:
    return any(isinstance(p, Truth) and isinstance(p.element, Application) for p in parts_of(side))


def _matches_everything(pattern: Any) -> bool:
    from unification.variable import Var

    return isinstance(pattern, (Var, Applied))


@dataclass(frozen=True)
class Refusal:
    """A rule that was refused where it is written.

    Attributes:
        name: what it is called.
        origin: where it is written.
        error: why it is refused.
    """

    name: str
    origin: Origin
    error: RewriterError


_REFUSALS: ContextVar[list[Refusal] | None] = ContextVar("refusals", default=None)


@contextmanager
def collected_refusals() -> Iterator[list[Refusal]]:
    """Collect the rules that are refused in the block, instead of raising at the first.

    A name that would be bound to a refused rule is bound to its `Refusal`.
    """
    found: list[Refusal] = []
    token = _REFUSALS.set(found)
    try:
        yield found
    finally:
        _REFUSALS.reset(token)


def _origin(function: Any) -> Origin:
    code = function.__code__
    return Origin(code.co_filename, code.co_firstlineno, function.__name__)


def _stated(function: Callable[..., Rewrite]) -> Rule:
    hints = typing.get_type_hints(function)
    names = list(inspect.signature(function).parameters)
    values = {name: parameter(name, hints.get(name)) for name in names}
    body = function(**values)
    if not isinstance(body, Rewrite):
        raise RuleError("a rule returns rw.rewrite(left, to=right)", culprit=function.__name__)
    statement = inspect.cleandoc(function.__doc__ or "").split("\n\n")[0]
    indices = [v for v in values.values() if isinstance(v, IndexParameter)]
    return Rule(function.__name__, statement, body, indices, _origin(function))


def _refused(function: Callable[..., Any], state: Callable[[], Any]) -> Any:
    """Return what ``state`` states; an error names the function, or is collected."""
    try:
        return state()
    except RewriterError as error:
        error.add_note(f"refused: {_origin(function)}")
        refusals = _REFUSALS.get()
        if refusals is None:
            raise
        refusals.append(Refusal(function.__name__, _origin(function), error))
        return refusals[-1]


class _RuleDecorator:
    """``@rw.rule`` on a function, and ``rw.rule.from_relation`` on a kanren relation."""

    def __call__(self, function: Callable[..., Rewrite]) -> Rule:
        """Return the rule that a function states.

        Raises:
            RuleError: and its kinds, where the rule is refused.
        """

        def state() -> Rule:
            """Return the rule, which can be oriented."""
            stated = _stated(function)
            orient(stated)
            return stated

        return _refused(function, state)  # type: ignore[no-any-return]

    @staticmethod
    def once(function: Callable[..., Rewrite]) -> Rule:
        """Return a rule whose right side may hold its left side again: ``sin x = 2 sin ½x cos ½x``.

        It is to be applied once, by a strategy such as `chain`; `exhaust` refuses it.

        Raises:
            RuleError: and its kinds, as for any rule, but for the loop.
        """
        return _refused(function, lambda: _stated(function))  # type: ignore[no-any-return]

    @staticmethod
    def from_relation(
        relation: Callable[..., Any], name: str | None = None, **filters: Callable[[Any], Any]
    ) -> Any:
        """Return the rewrite that a kanren relation ``relation(term, out) -> goal`` states.

        Args:
            relation: from a term and what it becomes to a goal.
            name: what the rule is called; the relation's own name by default.
            filters: ``accepts``, from a term to whether it is put to the relation, and
                ``chooses``, from an iterator of answers to the answers that are used.
        """
        from rewriter.authoring.relation import RelationRule

        own = str(getattr(relation, "__name__", "relation"))
        return RelationRule(relation, name or own, **filters)


rule = _RuleDecorator()


@dataclass(frozen=True)
class Equation:
    """A law that may be used in both directions; iterating gives the two rules.

    Attributes:
        name: what it is called.
        statement: the law in mathematics.
        forward: from the left side to the right.
        backward: from the right side to the left.
    """

    name: str
    statement: str
    forward: Rule
    backward: Rule

    def __iter__(self) -> Iterator[Rule]:
        return iter((self.forward, self.backward))


def equation(function: Callable[..., Rewrite]) -> Equation:
    """Return a law in both directions; a decorator of what ``rule`` takes.

    The backward rule is called ``name_backward``. Each direction is checked on its own, and may be
    refused: what is a pattern on one side may bind no variable of the other.

    Raises:
        RuleError: and its kinds, where a direction is refused; the reason says which.
    """

    def state() -> Equation:
        """Return both directions of the law."""
        forward = _stated(function)
        written = forward.written
        turned = Rewrite(written.right, written.left, written.conditions, written.worth)
        name = f"{forward.name}_backward"
        try:
            backward = Rule(name, forward.statement, turned, forward.indices, forward.origin)
        except RewriterError as error:
            error.add_note("read from its right side to its left")
            raise
        backward.turned = True
        return Equation(forward.name, forward.statement, forward, backward)

    return _refused(function, state)  # type: ignore[no-any-return]
