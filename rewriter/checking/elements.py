"""What primitives do to elements: values of a world, and the infinities and nan beside them."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from rewriter.checking.values import Undecided, Value
from rewriter.checking.world import World
from rewriter.errors import BackendError
from rewriter.graph import operators as o
from rewriter.graph.declared import implementation
from rewriter.graph.node import Node
from rewriter.lowering.numpy_backend import runtime

Element = Value | float
Operation = Callable[..., Any]


class Elements:
    """The elementwise operations of a world.

    Attributes:
        table: primitive to function of elements.
        predicates: primitive to function of elements that gives a bool.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        w = world
        self.table: dict[Any, Operation] = {
            o.ADD: self._lifted(w.add, np.add),
            o.SUBTRACT: self._lifted(w.subtract, np.subtract),
            o.MULTIPLY: self._lifted(w.multiply, np.multiply),
            o.DIVIDE: self._lifted(self._divide, np.divide),
            o.NEGATIVE: self._lifted(w.negative, np.negative),
            o.POWER: self._lifted(self._power, np.power),
            o.ABSOLUTE: self._lifted(lambda x: w.negative(x) if w.sign(x) < 0 else x, np.abs),
            o.SIGN: self._lifted(lambda x: self.number(w.sign(x)), np.sign),
            o.MAXIMUM: self._lifted(lambda x, y: y if self._below(x, y) else x, np.maximum),
            o.MINIMUM: self._lifted(lambda x, y: x if self._below(x, y) else y, np.minimum),
            o.BINADE: self._lifted(self._binade, runtime.binade),
            o.FLOOR: self._lifted(self._floor, np.floor),
            o.CEIL: self._lifted(lambda x: w.negative(self._floor(w.negative(x))), np.ceil),
            o.ROUND: self._lifted(self._round, np.round),
            o.FLOOR_DIVIDE: self._lifted(self._floor_divide, np.floor_divide),
            o.REMAINDER: self._lifted(self._remainder, np.remainder),
            o.STOP_GRADIENT: lambda x: x,
            **self._exponentials(),
            **self._inverses(),
        }
        less = self._lifted(self._below, np.less)
        equal = self._lifted(w.equal, np.equal)
        self.predicates: dict[Any, Operation] = {
            o.LESS: less, o.GREATER: lambda x, y: less(y, x), o.EQUAL: equal,
            o.NOT_EQUAL: lambda x, y: not equal(x, y),
            o.LESS_EQUAL: lambda x, y: bool(less(x, y) or equal(x, y)),
            o.GREATER_EQUAL: lambda x, y: bool(less(y, x) or equal(x, y)),
            o.ISFINITE: lambda x: isinstance(x, Value),
            o.ISNAN: lambda x: isinstance(x, float) and math.isnan(x),
        }  # fmt: skip

    def _exponentials(self) -> dict[Any, Operation]:
        w = self.world
        exp, one, two = w.exponential, self.number(1), self.number(2)

        def logistic(x: Value) -> Value:
            e = exp(x)
            return w.divide(e, w.add(one, e))

        def halves(x: Value, sign: int) -> Value:
            up, down = exp(x), exp(w.negative(x))
            return w.divide((w.add if sign > 0 else w.subtract)(up, down), two)

        def tanh(x: Value) -> Value:
            e = exp(w.multiply(two, x))
            return w.divide(w.subtract(e, one), w.add(e, one))

        return {
            o.EXP: self._lifted(exp, np.exp),
            o.EXP2: self._lifted(lambda x: exp(w.multiply(x, w.logarithm(two))), np.exp2),
            o.EXPM1: self._lifted(lambda x: w.subtract(exp(x), one), np.expm1),
            o.LOGADDEXP: self._lifted(lambda x, y: self._log(w.add(exp(x), exp(y))), np.logaddexp),
            o.LOGISTIC: self._lifted(logistic, lambda x: 1 / (1 + np.exp(-x))),
            o.SINH: self._lifted(lambda x: halves(x, -1), np.sinh),
            o.COSH: self._lifted(lambda x: halves(x, 1), np.cosh),
            o.TANH: self._lifted(tanh, np.tanh),
            o.SIN: self._lifted(lambda x: w.rotation(x)[1], np.sin),
            o.COS: self._lifted(lambda x: w.rotation(x)[0], np.cos),
            o.TAN: self._lifted(lambda x: w.divide(*reversed(w.rotation(x))), np.tan),
        }

    def _inverses(self) -> dict[Any, Operation]:
        """Logarithms, roots, and the functions that have no law but their parity."""
        w, one = self.world, self.number(1)
        half, minus_half = Fraction(1, 2), Fraction(-1, 2)

        def erfc(x: Value) -> Value:
            return w.subtract(one, self._odd("erf", x, arb.erf))

        def erfcx(x: Value) -> Value:
            return w.multiply(w.exponential(w.multiply(x, x)), erfc(x))

        return {
            o.LOG: self._lifted(self._log, np.log),
            o.LOG2: self._lifted(self._log_two, np.log2),
            o.LOG1P: self._lifted(lambda x: self._log(w.add(one, x)), np.log1p),
            o.SQRT: self._lifted(lambda x: self._root(x, half), np.sqrt),
            o.RSQRT: self._lifted(lambda x: self._root(x, minus_half), lambda x: 1 / np.sqrt(x)),
            o.ARCTAN: self._lifted(lambda x: self._odd("arctan", x, arb.atan), np.arctan),
            o.ERF: self._lifted(lambda x: self._odd("erf", x, arb.erf), np.sign),
            o.ERFC: self._lifted(erfc, lambda x: 1 - np.sign(x)),
            o.ERFCX: self._lifted(erfcx, runtime.erfcx),
        }

    def declared(self, node: Node) -> Operation:
        """Return an operator that a user declared without a definition: it has no laws.

        Raises:
            BackendError: nothing says what it is near a point.
        """
        near, ieee = implementation(node, "exact"), implementation(node, "numpy")
        if near is None:
            raise BackendError("no function of balls is declared, and no definition",
                               culprit=node.operator)  # fmt: skip

        def function(*operands: Value) -> Element:
            """Return an unknown value within the declared ball, nan where that is not finite."""
            ball = near(*(x.ball for x in operands))
            if not ball.is_finite():
                return math.nan
            return self.world.uninterpreted(node.operator.name, *operands, ball=ball)

        return self._lifted(function, ieee if ieee is not None else lambda *operands: np.nan)

    def number(self, value: int | float | Fraction) -> Value:
        """Return a number as a value."""
        return self.world.constant(Fraction(value))

    def lifted(self, value: Any) -> Element:
        """Return a number of Python or NumPy, exactly."""
        if isinstance(value, float) and not math.isfinite(value):
            return value
        return self.number(value)

    def _lifted(self, function: Operation, ufunc: Operation) -> Operation:
        """Take values to the function, and anything with an infinity or nan to IEEE arithmetic."""

        def operation(*operands: Element) -> Any:
            """Return the function of values, the IEEE operation where an operand is none."""
            if all(isinstance(x, Value) for x in operands):
                return function(*operands)
            floats = [np.float64(self._representative(x)) for x in operands]
            with np.errstate(all="ignore"):
                result = ufunc(*floats)
            return bool(result) if isinstance(result, np.bool_) else self.lifted(float(result))

        return operation

    def _representative(self, x: Element) -> float:
        return x if isinstance(x, float) else float(self.world.sign(x))

    def _below(self, x: Value, y: Value) -> bool:
        return self.world.sign(self.world.subtract(x, y)) < 0

    def _divide(self, x: Value, y: Value) -> Element:
        if self.world.sign(y) == 0:
            sign = self.world.sign(x)
            return math.nan if sign == 0 else sign * math.inf
        return self.world.divide(x, y)

    def _log(self, x: Value) -> Element:
        sign = self.world.sign(x)
        if sign <= 0:
            return math.nan if sign else -math.inf
        return self.world.logarithm(x)

    def _log_two(self, x: Value) -> Element:
        found = self._log(x)
        if isinstance(found, float):
            return found
        return self.world.divide(found, self.world.logarithm(self.number(2)))

    def _root(self, x: Value, r: Fraction) -> Element:
        sign = self.world.sign(x)
        if sign == 0:
            return self.world.zero if r > 0 else math.inf
        return math.nan if sign < 0 else self.world.power(x, r)

    def _power(self, x: Value, y: Value) -> Element:
        known = y.recipe[1] if y.recipe and y.recipe[0] == "constant" else None
        sign = self.world.sign(x)
        if known is not None and known.denominator == 1 and abs(known) <= 1024:
            if known == 0:
                return self.number(1)
            if sign == 0 and known < 0:
                return math.inf
            return self.world.integer_power(x, int(known)) if sign else self.world.zero
        if sign > 0:
            if known is not None and known.denominator < 1024:
                return self.world.power(x, known)
            return self.world.exponential(self.world.multiply(y, self.world.logarithm(x)))
        if sign == 0:
            exponent = self.world.sign(y)
            return (math.inf, self.number(1), self.world.zero)[exponent + 1]
        return math.nan

    def _floor(self, x: Value) -> Value:
        low = x.ball.floor()
        if not low.is_exact():
            near = Fraction(round(float(x.ball.mid())))
            if self.world.equal(x, self.number(near)):
                return self.number(near)
            raise Undecided("a floor is not decided", culprit=x.ball)
        return self.number(_integer(low))

    def _binade(self, x: Value) -> Value:
        """Which power of two it is does not matter to a law; one next to the ball's middle."""
        size = abs(float(x.ball.mid()))
        return self.number(Fraction(2) ** (math.frexp(size)[1] - 1 if size else 0))

    def _round(self, x: Value) -> Value:
        low = self._floor(x)
        gap = self.world.subtract(self.world.subtract(x, low), self.number(Fraction(1, 2)))
        sign = self.world.sign(gap)
        if sign == 0:
            sign = 1 if _integer(low.ball) % 2 else -1
        return self.world.add(low, self.number(1)) if sign > 0 else low

    def _floor_divide(self, x: Value, y: Value) -> Element:
        quotient = self._divide(x, y)
        return quotient if isinstance(quotient, float) else self._floor(quotient)

    def _remainder(self, x: Value, y: Value) -> Element:
        quotient = self._floor_divide(x, y)
        if isinstance(quotient, float):
            return math.nan
        return self.world.subtract(x, self.world.multiply(y, quotient))

    def _odd(self, name: str, x: Value, ball: Operation) -> Value:
        sign = self.world.sign(x)
        if sign == 0:
            return self.world.zero
        if sign < 0:
            return self.world.negative(self._odd(name, self.world.negative(x), ball))
        return self.world.uninterpreted(name, x, ball=ball(x.ball))


def _integer(ball: arb) -> int:
    mantissa, exponent = ball.mid().man_exp()
    return int(mantissa) << int(exponent)
