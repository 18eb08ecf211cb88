"""What the engine did to a program: the same answers, or which were spoiled, and how.

Both are run at every point. Where their answers differ, ball arithmetic on the program as written
says who is right; where it cannot (an opaque operation, an exact tie that no precision settles),
JAX's own answer counts if it is a number and float64 confirms it.
"""

from __future__ import annotations

import contextlib
import math
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import rewriter as rw
from fuzzing.modes import MODES
from fuzzing.points import POINTS, inputs
from fuzzing.program import Program
from rewriter.errors import DerivativeError, RewriterError

__all__ = ["KINDS", "Finding", "judge"]

KINDS = (
    "wrong",
    "nan for number",
    "crash",
    "timeout",
    "signature",
    "invented",
    "worse",
    "unsure",
)  # fmt: skip
"""From the worst on. Unsure: they differ where neither balls nor JAX tell the truth."""

WORSE = 2.0
"""Bits that may be lost of an answer that was right as written."""
RIGHT = 6.0
"""Bits of error up to which an answer is right."""
NOISE = 2.0
"""Bits by which answers may differ without a question to ball arithmetic."""
LONGEST = 60
"""Seconds after which the engine is given up on a program."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Finding:
    """What was spoiled at one point: its kind, one of `KINDS`, and the numbers that show it."""

    kind: str
    point: str
    note: str


class Late(Exception):
    """The alarm went off."""


@contextlib.contextmanager
def at_most(seconds: int | None) -> Iterator[None]:
    """Raise `Late` in what takes longer; None for no limit."""
    if seconds is None:
        yield
        return

    def late(*_: Any) -> None:
        raise Late

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def judge(
    program: Program, points: Sequence[str] = tuple(POINTS), longest: int | None = LONGEST
) -> list[Finding] | None:
    """Return what was spoiled, at most one finding a point; None where JAX refuses the program,
    or `rewriter.grad` says that it has no derivative of an opaque operation.

    Args:
        program: the program and its mode.
        points: names of the points that it is run at.
        longest: seconds for the engine; None for as long as it takes.
    """
    mode, data = MODES[program.mode], program.data
    try:
        written, stable = mode.written(program.function), mode.stable(program.function)
        example = jax.ShapeDtypeStruct(program.shape, program.dtype)
        expected, _ = traced(written, (example, *data))
    except Exception:
        return None
    if mode.traced:
        try:
            with at_most(longest):
                found, _ = traced(stable, (example, *data))
        except Late:
            return [Finding("timeout", "", f"over {longest} s")]
        except DerivativeError:
            return None
        except Exception as error:
            return [Finding("crash", "", f"{type(error).__name__}: {error}"[:300])]
        if found != expected:
            return [Finding("signature", "", f"{expected} became {found}"[:300])]
    return Comparison(program, written, stable, points, longest).findings()


def traced(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[list[Any], Any]:
    """Return shape, dtype and weak type of every output, and the program as JAX has it."""
    closed, tree = jax.make_jaxpr(function, return_shape=True)(*arguments)
    kinds = [(a.shape, str(a.dtype), a.weak_type) for a in closed.out_avals]
    return [jax.tree.structure(tree), *kinds], closed


class Comparison:
    """A program's answers as written and with the engine, at each point.

    Args:
        program: what is run.
        written: its mode as written.
        stable: its mode with the engine.
        points: names of the points.
        longest: seconds for what is slow.
    """

    def __init__(
        self,
        program: Program,
        written: Callable[..., Any],
        stable: Callable[..., Any],
        points: Sequence[str],
        longest: int | None,
    ) -> None:
        self.program = program
        self.written = written
        self.stable = stable
        self.at = inputs(program.seed, program.shape, program.dtype, tuple(points))
        self.longest = longest
        self.graph: rw.Graph | None = None

    def findings(self) -> list[Finding]:
        """What was spoiled, point by point."""
        naive = jax.jit(self.written)
        cured = jax.jit(self.stable) if MODES[self.program.mode].traced else self.stable
        answers = []
        for point, x in self.at.items():
            before = leaves(naive(x, *self.program.data))
            try:
                with at_most(self.longest):
                    after = leaves(cured(x, *self.program.data))
            except Late:
                return [Finding("timeout", point, f"over {self.longest} s")]
            except Exception as error:
                return [Finding("crash", point, f"{type(error).__name__}: {error}"[:300])]
            answers.append((point, x, before, after))
        floors = [floor_of([before[k] for _, _, before, _ in answers]) for k in range(len(before))]
        found = (self.compared(*answer, floors) for answer in answers)
        return [finding for finding in found if finding is not None]

    def compared(
        self, point: str, x: Any, before: list[Array], after: list[Array], floors: list[float]
    ) -> Finding | None:
        """The worst that happened at a point."""
        differ = [
            k
            for k, (a, b) in enumerate(zip(before, after, strict=True))
            if a.shape != b.shape or a.dtype != b.dtype or differs(a, b, floors[k])
        ]
        if not differ:
            return None
        truths = self.truths(x)
        found = [
            finding
            for k in differ
            if (
                finding := verdict(
                    point, before[k], after[k], truths[k] if truths else None, floors[k]
                )
            )
        ]
        worst = min(found, key=lambda finding: KINDS.index(finding.kind), default=None)
        if worst is None or truths is not None or self.is_confirmed(x, before):
            return worst
        return Finding("unsure", point, worst.note)

    def truths(self, x: Any) -> list[Array] | None:
        """The exact value of each output, as floats in float64; None where there is none."""
        try:
            with at_most(self.longest):
                if self.graph is None:
                    self.graph = rw.from_jax(self.written, x, *self.program.data)
                made = rw.balls(self.graph, x, *self.program.data)
        except (RewriterError, Late):
            return None
        balls = made if isinstance(made, tuple) else (made,)
        return [np.vectorize(middle, otypes=[np.float64])(ball) for ball in balls]

    def is_confirmed(self, x: Any, before: list[Array]) -> bool:
        """Whether JAX answers the same in float64, at an input moved by its rounding."""
        try:
            moved = np.asarray(x, np.float64) * (1 + 2.0**-40)
            wide = leaves(jax.jit(self.written)(moved, *self.program.data))
        except Exception:
            return False
        return all(
            a.shape == w.shape and not differs(a, w, floor_of([a]), slack=RIGHT)
            for a, w in zip(before, wide, strict=True)
        )


def leaves(made: Any) -> list[Array]:
    """The arrays of a pytree."""
    return [np.asarray(leaf) for leaf in jax.tree.leaves(made)]


def middle(ball: Any) -> float:
    """A ball as a float; nan where it is none."""
    return float(ball.mid()) if ball.is_finite() else float(ball)


def floor_of(arrays: Sequence[Array]) -> float:
    """The size below which an output is a small difference of what is not; 1 at most.

    What is nowhere above a few roundings of 1 is 0 but for those.
    """
    largest = 0.0
    for array in arrays:
        wide = np.abs(array.astype(np.float64))
        largest = max(largest, float(wide.max(initial=0.0, where=np.isfinite(wide))))
    rounding = float(jnp.finfo(arrays[0].dtype).eps) if is_float(arrays[0]) else 0.0
    return min(1.0, largest) if largest > 64 * rounding else 1.0


def is_float(array: Array) -> bool:
    """Whether it is of one of the four float types."""
    return bool(jnp.issubdtype(array.dtype, jnp.floating))


def bits(got: Array, truth: Array, floor: float, dtype: Any) -> Array:
    """``log2(1 + ulps)`` of each element, ulps of the largest; inf where not as finite.

    Truths beyond the dtype's numbers are infinite, and what is below them is 0.
    """
    kind = jnp.finfo(dtype)
    least, greatest = float(kind.smallest_normal), float(kind.max)
    wanted = np.where(np.abs(truth) > greatest * (1 + 2.0**-9), np.copysign(np.inf, truth), truth)
    finite = np.isfinite(wanted)
    scale = max(float(np.abs(wanted).max(initial=0.0, where=finite)), floor, least)
    ulp = 2.0 ** (math.floor(math.log2(min(scale, greatest))) - kind.nmant)
    value = got.astype(np.float64)
    with np.errstate(all="ignore"):
        error = np.where(np.isfinite(value) & finite, np.abs(value - wanted) / ulp, np.inf)
        same = (value == wanted) | (np.isnan(value) & np.isnan(wanted))
        return np.log2(1 + np.where(same, 0.0, error))


def differs(before: Array, after: Array, floor: float, slack: float = NOISE) -> bool:
    """Whether an answer is another one, beyond noise, where the first is a number."""
    if not is_float(before):
        return bool((before != after).any())
    wide = before.astype(np.float64)
    apart = bits(after, wide, floor, before.dtype) > slack
    return bool((apart & ~np.isnan(wide)).any() | (np.isnan(wide) & ~np.isnan(wide * 0)).any())


def verdict(
    point: str, before: Array, after: Array, truth: Array | None, floor: float
) -> Finding | None:
    """Who is right about an output; None where the engine spoiled nothing."""
    if before.dtype != after.dtype or before.shape != after.shape:
        kinds = f"{before.dtype}{list(before.shape)} became {after.dtype}{list(after.shape)}"
        return Finding("signature", point, kinds)
    if not is_float(before):
        return Finding("wrong", point, shown(before, after, truth))
    wide = before.astype(np.float64)
    wanted = wide if truth is None else truth
    naive = bits(before, wanted, floor, before.dtype)
    cured = bits(after, wanted, floor, before.dtype)
    value = after.astype(np.float64)
    told = ~np.isnan(wanted)
    spoiled = told & (naive <= RIGHT) & (cured > naive + WORSE)
    lost = jnp.finfo(before.dtype).nmant / 2 + 1
    far = told & np.isfinite(value) & np.isfinite(wanted) & (cured > lost)
    further = far & np.isfinite(wide) & (cured > naive + WORSE)
    invented = far & ~np.isfinite(wide)
    note = shown(before, after, truth)
    if (spoiled & (np.isnan(value) | np.isinf(value) & np.isfinite(wanted))).any():
        return Finding("nan for number", point, note)
    if further.any() or (spoiled & np.isinf(wanted)).any():
        return Finding("wrong", point, note)
    if invented.any():
        return Finding("invented", point, note)
    if spoiled.any():
        return Finding("worse", point, note)
    if truth is not None and (np.isnan(wanted) & np.isfinite(wide) & ~(value == wide)).any():
        return Finding("unsure", point, note)
    return None


def shown(before: Array, after: Array, truth: Array | None) -> str:
    """The numbers, side by side."""
    rows = {"written": before, "stabilised": after, "exact": truth}
    return "\n".join(
        f"    {name:<11}{array.ravel().tolist()}"[:700]
        for name, array in rows.items()
        if array is not None
    )
