"""Every error of this package: one root, one class a mistake, each with reason and culprit.

>>> raise ShapeError("operands do not broadcast: (2,) and (3,)", culprit="add")
Traceback (most recent call last):
...
rewriter.errors.ShapeError: operands do not broadcast: (2,) and (3,) [culprit: add]
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = [
    "AttributeValueError",
    "BackendError",
    "BudgetExceeded",
    "ConditionError",
    "CycleError",
    "DataTypeError",
    "DeclarationError",
    "DerivativeError",
    "EquivalenceError",
    "EvaluationError",
    "GraphExpectedError",
    "ImportedProgramError",
    "LoopError",
    "PACKAGES",
    "ParseError",
    "PatternError",
    "RewriterError",
    "RuleError",
    "ShapeError",
    "TruthValueError",
    "UnboundVariableError",
    "UnknownOperatorError",
    "needing",
]


class RewriterError(Exception):
    """The root of all errors that this package raises on purpose.

    Args:
        reason: what is wrong, in one sentence.
        culprit: the object at fault (a node, a rule, a name, a line of text), or None.
    """

    def __init__(self, reason: str, culprit: object = None) -> None:
        self.reason = reason
        self.culprit = culprit
        super().__init__(reason if culprit is None else f"{reason} [culprit: {culprit}]")


class ShapeError(RewriterError):
    """Shapes, axes or dimensions that do not fit together."""


class DataTypeError(RewriterError):
    """A dtype that an operation does not take, or that does not exist."""


class AttributeValueError(RewriterError):
    """An attribute (an axis, a contraction, a mode) outside what the operation allows."""


class UnknownOperatorError(RewriterError):
    """An operator that no table of this package holds."""


class GraphExpectedError(RewriterError):
    """Something else where a graph is wanted, such as the function that would have to be read."""


class CycleError(RewriterError):
    """Nodes that would depend on themselves."""


class ParseError(RewriterError):
    """Graph text that cannot be read; the reason names line and column."""


class TruthValueError(RewriterError):
    """A symbolic value used where Python asks for True or False."""


class RuleError(RewriterError):
    """A rule that is refused where it is written."""


class UnboundVariableError(RuleError):
    """A variable on a rule's right side or in a condition that its left side does not bind."""


class ConditionError(RuleError):
    """A rule's condition that is not a condition."""


class PatternError(RuleError):
    """A left side that is no pattern (it matches everything, or is not built of terms)."""


class LoopError(RuleError):
    """Rules that rewrite for ever, alone or together; ``cycle`` is the terms and rules between.

    Args:
        reason: which rules, where they are written, and the cycle.
        culprit: the rule that was met again.
        cycle: (rule name, line, term) for each rewrite of the cycle.
    """

    def __init__(self, reason: str, culprit: object = None, cycle: tuple[object, ...] = ()) -> None:
        self.cycle = cycle
        super().__init__(reason, culprit)


class DeclarationError(RewriterError):
    """An operator that is refused where it is declared."""


class DerivativeError(RewriterError):
    """A derivative that does not exist here: of an opaque call, or with respect to an integer."""


class BackendError(RewriterError):
    """A backend that does not exist, is not installed, or cannot express an operation."""


PACKAGES = {"flint": "python-flint", "jax": "jax"}
"""The modules that parts of this package import, and the packages that hold them."""


@contextmanager
def needing(purpose: str) -> Iterator[None]:
    """Say what has to be installed where an import inside the ``with`` block does not find it.

    Raises:
        BackendError: one of `PACKAGES` is missing; other imports fail with their own errors.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in PACKAGES:
            raise
        reason = f"{purpose} needs {PACKAGES[module]}: pip install {PACKAGES[module]}"
        raise BackendError(reason, culprit=module) from None


class EquivalenceError(RewriterError):
    """A rewritten graph that is not worth the same as the graph that it was made of."""


class EvaluationError(RewriterError):
    """Arguments that do not fit a compiled graph, or an answer that cannot be made tight."""


class ImportedProgramError(RewriterError):
    """A program that an importer cannot take as it was given."""


class BudgetExceeded(RewriterError):
    """A search that met its budget; ``reached`` says how far it came.

    Args:
        reason: which budget, and of what.
        culprit: the problem that was being worked on.
        reached: what had been found or done by then.
    """

    def __init__(self, reason: str, culprit: object = None, reached: object = None) -> None:
        self.reached = reached
        super().__init__(reason, culprit)
