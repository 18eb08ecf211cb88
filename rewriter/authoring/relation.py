"""A kanren relation as a rewrite: ``relation(term, out)`` gives a goal that binds ``out``.

Two filters may narrow it: which terms are put to the relation, and which of its answers are used.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kanren.core import run
from unification import var

from rewriter.authoring.statistics import counted
from rewriter.graph.origin import Origin
from rewriter.matching.protocol import variables_of
from rewriter.terms.term import Term
from rewriter.terms.views import term_of, view


class RelationMatch:
    """One answer of a relation."""

    def __init__(self, rule: RelationRule, result: Any, answer: Any) -> None:
        self.rule = rule
        self.result = result
        self.substitution = {"out": answer}
        self.facts: tuple[()] = ()
        self.proved = True


class RelationRule:
    """A rule stated as a relation between a term and what it becomes.

    Args:
        relation: takes (term, out), terms of tensors in the forms of `rewriter.terms.views`, others
            as they are; returns a goal.
        name: what the rule is called.
        accepts: whether a term is put to the relation at all; any is by default.
        chooses: from the answers, in the relation's order and as they are asked for, to those that
            are used; all are by default.
    """

    def __init__(
        self,
        relation: Callable[..., Any],
        name: str,
        accepts: Callable[[Any], bool] = lambda term: True,
        chooses: Callable[[Iterator[Any]], Iterable[Any]] = lambda answers: answers,
    ) -> None:
        self.relation, self.name = relation, name
        self.accepts, self.chooses = accepts, chooses
        self.statement = inspect.cleandoc(relation.__doc__ or name).split("\n\n")[0]
        code = getattr(relation, "__code__", None)
        self.origin = (
            Origin(code.co_filename, code.co_firstlineno, name) if code else Origin(rule=name)
        )

    def matches(self, subject: Any) -> Iterator[RelationMatch]:
        """Yield every answer for a term, of tensors or any other, that differs from the term."""
        yield from counted(self, subject, self._matches(subject))

    def _matches(self, subject: Any) -> Iterator[RelationMatch]:
        out = var()
        of_tensors = isinstance(subject, Term)
        term = view(subject) if of_tensors else subject
        if not self.accepts(term):
            return
        answers = iter(run(None, out, self.relation(term, out)))
        proper = (each for each in answers if each is not term and not variables_of(each))
        for answer in self.chooses(proper):
            yield RelationMatch(self, term_of(answer) if of_tensors else answer, answer)

    def __repr__(self) -> str:
        return f"<relation {self.name}: {self.statement}>"
