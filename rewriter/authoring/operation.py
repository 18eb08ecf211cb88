"""Operators of a user's own, which join everything that the package's own join.

>>> import rewriter as rw
>>> @rw.operator(facts=lambda y: [y >= 0])
... def squared_sine(x):
...     \"\"\"sin² x.\"\"\"
...     return rw.square(rw.sin(x))
>>> angle = rw.input("angle", (), "float64")
>>> graph = rw.Graph([angle], [squared_sine(angle)])
>>> print(rw.pprint(graph), rw.parse(str(graph)) is graph)
squared_sine(angle) True
>>> print(rw.pprint(rw.grad(squared_sine(angle), [angle])[0]))
(sin(angle) + sin(angle)) * cos(angle)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from rewriter.authoring.pattern import unknown
from rewriter.autodiff.broadcasting import product, unbroadcast
from rewriter.autodiff.reverse import vjp
from rewriter.autodiff.rule import Rule
from rewriter.autodiff.table import RULES
from rewriter.errors import DeclarationError, DerivativeError, RewriterError
from rewriter.facts.interval import ANYTHING, Interval
from rewriter.facts.ranges import fix
from rewriter.graph import operators as o
from rewriter.graph.calls import substitute
from rewriter.graph.declared import Declaration, declared, definition_at
from rewriter.graph.elementwise import as_node, promoted
from rewriter.graph.graph import input
from rewriter.graph.indexing import broadcast_to, reshape
from rewriter.graph.inference import broadcast_shapes
from rewriter.graph.node import Node, apply, topological
from rewriter.graph.origin import Origin
from rewriter.graph.primitive import Kind
from rewriter.matching.variable import Variable
from rewriter.terms.functions import FIXED_RANGES
from rewriter.terms.meaning import MEANINGS
from rewriter.terms.meaning import unknown as without_laws

__all__ = ["Operation", "operator"]


class Operation:
    """An operator that a user declared: called on tensors it gives a tensor.

    Attributes:
        name: its name in graph text.
        statement: what it is, from the docstring.
        primitive: what nodes of it apply.
        declaration: all that was said of it.
        bounds: the range of its values.
    """

    def __init__(self, declaration: Declaration, statement: str, bounds: Interval) -> None:
        self.name, self.statement = declaration.name, statement
        self.declaration, self.bounds = declaration, bounds
        self.primitive = declared(declaration)

    def __call__(self, *operands: Any) -> Node:
        """Return the operator's node, its operands promoted as NumPy promotes them.

        Raises:
            ShapeError: the shapes do not fit, or not as many operands as it takes.
        """
        return apply(self.primitive, promoted(*operands, floating=True) if operands else [])

    def __repr__(self) -> str:
        return f"<operator {self.name}: {self.statement}>"


def operator(
    function: Callable[..., Any] | None = None,
    *,
    shape: Callable[..., Any] | None = None,
    derivative: Callable[..., Any] | None = None,
    numpy: Callable[..., Any] | None = None,
    jax: Callable[..., Any] | None = None,
    exact: Callable[..., Any] | None = None,
    facts: Callable[[Node], Sequence[Node]] | None = None,
) -> Any:
    """Declare an operator; a decorator, with or without arguments.

    (`rewriter.Operator` is a symbol with axioms for the matcher on its own, in any theory; this is
    an operation of graphs.) What the function returns *defines* the operator over the reals:
    derivative, lowerings and proofs follow from it where they are not given. Where it returns None,
    the operator is what its functions say. To rules it is a symbol that the theory does not open.

    Args:
        function: the function.
        shape: from the operands' shapes to the result's; elementwise, which broadcasts, by default.
        derivative: from the operands to the partial derivative as an expression, or to a tuple of
            them, one an operand (None for no derivative): of elementwise operators, and of those
            that take axes away, where it is that of the result by each element of the operand.
        numpy: the operator on NumPy arrays of floats.
        jax: the operator on JAX arrays; it is differentiated by ``derivative`` where that is given.
        exact: the operator on ``flint.arb`` balls, giving a ball; elementwise operators only.
        facts: from the operator's value to comparisons with numbers that always hold,
            ``lambda y: [y > 0]``.

    Raises:
        DeclarationError: the name is taken, the definition is not elementwise though no shape rule
            is given, a fact is no comparison of the value with a number.
    """
    given = {
        "shape": shape, "derivative": derivative, "numpy": numpy, "jax": jax, "exact": exact,
        "facts": facts,
    }  # fmt: skip
    if function is None:
        return lambda decorated: _operation(decorated, **given)
    return _operation(function, **given)


def _operation(
    function: Callable[..., Any], shape: Any, derivative: Any, facts: Any, **functions: Any
) -> Operation:
    code = function.__code__
    origin = Origin(code.co_filename, code.co_firstlineno, function.__name__)
    try:
        declaration = Declaration(
            function.__name__, len(inspect.signature(function).parameters), origin, function, shape,
            {name: given for name, given in functions.items() if given is not None},
            None if derivative is None else _partials(derivative),
        )  # fmt: skip
        if shape is None:
            _check_elementwise(declaration)
        bounds = _bounds(facts) if facts is not None else ANYTHING
        statement = inspect.cleandoc(function.__doc__ or function.__name__).split("\n\n")[0]
        made = Operation(declaration, statement, bounds)
    except RewriterError as error:
        error.add_note(f"refused: {origin}")
        raise
    _enter(made)
    return made


def _partials(derivative: Callable[..., Any]) -> Callable[..., Sequence[Node | None]]:
    def partials(*operands: Node) -> Sequence[Node | None]:
        """Return one partial derivative an operand, None for no derivative."""
        found = derivative(*operands)
        several = found if isinstance(found, (tuple, list)) else (found,)
        if len(several) != len(operands):
            raise DeclarationError("one partial derivative an operand", culprit=len(several))
        dtype = operands[0].dtype
        return [None if one is None else as_node(one, dtype) for one in several]

    return partials


def _check_elementwise(declaration: Declaration) -> None:
    scalars = [input(f"x{k}", (), "float64") for k in range(declaration.arity)]
    result = declaration.definition(*scalars)
    for node in topological(() if result is None else (result,)):
        if node.operator.kind not in (Kind.ELEMENTWISE, Kind.LEAF) or node.shape != ():
            raise DeclarationError("the definition is not elementwise, and no shape rule is given",
                                   culprit=repr(node))  # fmt: skip


def _bounds(facts: Callable[[Node], Sequence[Node]]) -> Interval:
    value = unknown(Variable("value"))
    found = ANYTHING
    for fact in facts(value):
        found = _narrowed(found, fact, value)
    return found


def _narrowed(known: Interval, fact: Any, value: Node) -> Interval:
    operands = getattr(fact, "operands", ())
    places = [k for k, node in enumerate(operands) if node is value]
    others = [node for node in operands if node.operator is o.CONSTANT]
    if not places or not others or fact.operator not in _SIDES:
        raise DeclarationError("a fact compares the value with a number", culprit=repr(fact))
    number = float(others[0].attribute("value").array)
    above, strict = _SIDES[fact.operator]
    if above is (places[0] == 0):
        return Interval(max(known.low, number), known.high, strict, known.high_open)
    return Interval(known.low, min(known.high, number), known.low_open, strict)


_SIDES = {
    o.GREATER: (True, True), o.GREATER_EQUAL: (True, False), o.LESS: (False, True),
    o.LESS_EQUAL: (False, False),
}  # fmt: skip
"""Of each comparison: does the first operand lie above the second, and is it strict?"""


def _enter(made: Operation) -> None:
    """Enter an operator in the tables of meanings, facts and derivatives."""
    primitive, declaration = made.primitive, made.declaration
    if declaration.elementwise:
        MEANINGS[primitive] = without_laws(primitive)
    FIXED_RANGES[primitive] = made.bounds
    fix(primitive, made.bounds)
    given = declaration.derivatives is not None
    RULES[primitive] = _by_partials(declaration) if given else _by_definition


def _by_partials(declaration: Declaration) -> Rule:
    derivatives = declaration.derivatives
    assert derivatives is not None

    def rule(node: Node, cotangent: Node, position: int) -> Node | None:
        """Return an operand's cotangent by the partial derivative that is declared."""
        partial = derivatives(*node.operands)[position]
        if partial is None:
            return None
        if not declaration.elementwise:
            cotangent = _spread(declaration, node, cotangent)
        return unbroadcast(product(cotangent, partial), node.operands[position].shape)

    return rule


def _spread(declaration: Declaration, node: Node, cotangent: Node) -> Node:
    """Return a cotangent at the axes of the operands, of which the operator takes some away.

    Which ones is read off the shape rule, which is asked what it makes of axes of their own sizes.
    """
    whole = broadcast_shapes([operand.shape for operand in node.operands])
    own = tuple(range(PROBE, PROBE + len(whole)))
    assert declaration.shape is not None
    left = tuple(declaration.shape(*(own[len(own) - p.ndim :] for p in node.operands)))
    if len(left) == len(own) and all(size in (1, own[a]) for a, size in enumerate(left)):
        return broadcast_to(cotangent, whole)
    places = [own.index(size) if size in own else -1 for size in left]
    if -1 in places or places != sorted(set(places)):
        raise DerivativeError("partial derivatives are those of operators that take axes away; "
                              "this one makes some", node.operator)  # fmt: skip
    sizes = dict(zip(places, cotangent.shape, strict=True))
    shape = tuple(sizes.get(axis, 1) for axis in range(len(own)))
    return broadcast_to(reshape(cotangent, shape), whole)


PROBE = 1009
"""Sizes from here on are no operand's own."""


def _by_definition(node: Node, cotangent: Node, position: int) -> Node | None:
    body = definition_at(node)
    if body is None:
        raise DerivativeError("no derivative is declared, and no definition", node.operator)
    (found,) = vjp(body.outputs, [body.inputs[position]], [cotangent])
    (result,) = substitute((found,), dict(zip(body.inputs, node.operands, strict=True)))
    return result
