"""The sides of a rule as patterns, and what a subject makes of their variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rewriter.authoring.counts import Counts
from rewriter.authoring.instantiation import instance
from rewriter.authoring.spellings import beside
from rewriter.matching.matching import match
from rewriter.matching.protocol import operands_of, operator_of
from rewriter.matching.substitution import Substitution
from rewriter.matching.variable import Kind, Rest, kind_of
from rewriter.terms.term import Combination
from rewriter.terms.views import PLUS, TIMES, term_of, view

REMAINDER = Rest("remainder")
"""What a sum or a product has besides the part that a rule speaks of."""


class Sides:
    """Two sides of a rule.

    Args:
        left, right: the patterns.
        counts: the numbers of places among their variables.
    """

    def __init__(self, left: Any, right: Any, counts: Counts) -> None:
        self.left, self.right, self.counts = left, right, counts
        self.pattern = _with_remainder(left)

    def substitutions(self, subject: Any, spelled: Any = None) -> Iterator[Substitution]:
        """Yield every way in which the left side is a term.

        Args:
            subject: the term, in its smallest form.
            spelled: another spelling of the left side, that is not to be brought to normal form.
        """
        for chosen in self.counts.choices(subject):
            pattern = self.pattern
            if spelled is not None:
                pattern = _with_remainder(_at(spelled, chosen), raw=True)
            elif chosen:
                pattern = _with_remainder(_at(self.left, chosen))
            for found in match(pattern, subject):
                counts = self.counts.read(found)
                if counts is None or any(counts[c] is not chosen[c] for c in chosen):
                    continue
                values = {**found, **counts}
                operator = operator_of(self.left)
                if operator is not None and values.get(REMAINDER, operator) is operator.unit:
                    del values[REMAINDER]
                yield Substitution(values)

    def result(self, substitution: Substitution) -> Combination:
        """Return the right side, with the variables replaced, and what the left side left over."""
        right = instance(term_of(self.right), substitution)
        left_over = substitution.get(REMAINDER)
        if left_over is None:
            return right
        operator: Any = operator_of(self.left)
        return term_of(operator(view(right), left_over))


def _at(left: Any, chosen: Any) -> Any:
    return view(instance(term_of(left), chosen)) if chosen else left


def _with_remainder(pattern: Any, raw: bool = False) -> Any:
    """A sum or a product matches a part of a larger one, unless it names the rest itself.

    Args:
        pattern: the pattern.
        raw: it is not to be brought to normal form.
    """
    operator = operator_of(pattern)
    if operator is None or not operator.associative:
        return pattern
    if any(kind_of(operand) is Kind.MANY for operand in operands_of(pattern)):
        return pattern
    if raw and operator in (TIMES, PLUS):
        return view(beside(term_of(pattern), REMAINDER))
    return operator(*operands_of(pattern), REMAINDER)
