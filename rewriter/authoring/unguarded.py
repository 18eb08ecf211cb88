"""Rules whose positive variables are any, with the sign as a condition: what holds a rule back."""

from __future__ import annotations

from typing import Any

from rewriter.authoring.condition import condition_of
from rewriter.authoring.pattern import UNKNOWN, unknown
from rewriter.authoring.rewriting import Rewrite
from rewriter.graph import elementwise as e
from rewriter.graph.calls import substitute
from rewriter.graph.node import topological
from rewriter.matching.variable import Variable

__all__ = ["unguarded"]


def unguarded(rule: Any) -> Any:
    """Return a rule in which ``x: rw.Positive`` is ``x: rw.Real`` with the condition ``x > 0``.

    The rule itself where it has no such variable, or a condition of the user's own speaks of it.
    """
    written = getattr(rule, "written", None)
    if written is None or any(c.expression is None or c.index is not None for c in rule.conditions):
        return rule
    said = tuple(c.expression for c in written.conditions)
    worth = tuple(c.expression for c in written.worth)
    roots = (written.left, written.right, *said, *worth)
    free = {
        node: unknown(Variable(node.attribute("variable").name))
        for node in topological(roots)
        if node.operator is UNKNOWN
        and getattr(node.attribute("variable"), "accepts", None) is not None
    }
    if not free:
        return rule
    left, right, *conditions = substitute(roots, free)
    signs = [e.greater(node, 0.0) for node in free.values()]
    when = tuple(map(condition_of, (*signs, *conditions[: len(said)])))
    preferred = tuple(map(condition_of, conditions[len(said) :]))
    body = Rewrite(left, right, when, preferred)
    return type(rule)(rule.name, rule.statement, body, rule.indices, rule.origin)
