"""Random naive probabilistic programs in JAX, stabilised and judged by ball arithmetic.

    python tests/benchmarks/random_programs.py [--programs 2000] [--first 0] [--failures]

A program is a few lines of Python, the same for the same seed: scores, then softmax or sigmoid in
some spelling over some axis, then logarithms, entropies, divergences, mixtures, attention or masks
of them, each of which may be the input of the next. It is run in one mode (which derivative, and
where ``stabilize`` stands) at four regimes of inputs, and its truth is the same program's in ball
arithmetic. Counted are the cells right as written and stabilised, and those that the engine made
worse; each failure prints itself as a program to paste.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from accuracy_matrix import DERIVATIVES, RIGHT, bits, largest
from naive_programs.form import Form, points

import rewriter as rw
from rewriter.errors import EvaluationError

SHAPES = ((3,), (4,), (2, 2), (2, 3))
MODES = ("value", "grad", "grad, inside", "vjp", "jvp", "hessian", "hvp", "vmap", "jacrev")
REGIMES = ("moderate", "spread", "offset", "extreme")
WORSE = 2.0
"""Bits by which a cell may be worse than as written, where that was right."""


@dataclass(frozen=True)
class Value:
    """A name in the program: what kind of numbers it holds, and their shape."""

    name: str
    kind: str
    shape: tuple[int, ...]


class Writer:
    """Writes the lines of one program.

    Args:
        seed: the same lines for the same seed.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.values = [Value("x", "scores", self.random.choice(SHAPES))]

    def add(self, expression: str, kind: str, like: Value, shape: Any = None) -> Value:
        """Add a line; what it makes is of a value's shape, or of another."""
        made = Value(f"a{len(self.lines)}", kind, like.shape if shape is None else shape)
        self.lines.append(f"{made.name} = {expression}")
        self.values.append(made)
        return made

    def any(self, *kinds: str) -> Value | None:
        """A value of one of the kinds, the later the likelier; None where there is none."""
        found = [value for value in self.values if value.kind in kinds]
        return self.random.choice(found[-2:]) if found else None

    def other(self, value: Value) -> Value:
        """Another value of the same kind and shape where there is one."""
        alike = [v for v in self.values if (v.kind, v.shape) == (value.kind, value.shape)]
        return self.random.choice(alike)

    def axis(self, value: Value) -> int:
        """One of the axes."""
        return self.random.randrange(-len(value.shape), len(value.shape))

    def numbers(self, value: Value, positive: bool = False) -> str:
        """An array of fixed numbers of the value's shape, as text; where positive, below 1."""
        sizes = (0.125, 0.25, 0.5, 0.75) if positive else (0.125, 0.5, 0.75, 1.5, 2)
        scale = [self.random.choice(sizes) for _ in range(_size(value))]
        signs = [1 if positive else self.random.choice((1, -1)) for _ in scale]
        array = np.reshape([a * s for a, s in zip(scale, signs, strict=True)], value.shape)
        return f"np.float32({array.tolist()})"

    def mask(self, value: Value) -> str:
        """A mask of the value's shape that leaves something of each row and column."""
        kept = np.array([self.random.random() < 0.6 for _ in range(_size(value))])
        kept = kept.reshape(value.shape)
        for place in range(max(value.shape)):
            kept[tuple(place % size for size in value.shape)] = True
        return f"np.array({kept.tolist()})"


def _size(value: Value) -> int:
    return int(np.prod(value.shape))


def change_scores(w: Writer) -> None:
    """Scores of scores."""
    a = w.any("scores")
    assert a is not None
    axis = w.axis(a)
    choices = [
        f"{a.name} * {w.random.choice((2, 0.5, -1, 3))}",
        f"{a.name} / {w.random.choice((0.7, 4.0))}",
        f"{a.name} + {w.numbers(a)}",
        f"{a.name} - jnp.max({a.name}, axis={axis}, keepdims=True)",
        f"{a.name} - jnp.mean({a.name}, axis={axis}, keepdims=True)",
        f"jnp.where({w.mask(a)}, {a.name}, -jnp.inf)",
        f"{a.name} + {w.other(a).name}",
        f"{a.name}[::-1]",
    ]
    if len(a.shape) == 2:
        choices.append(f"{a.name} @ {w.numbers(Value('', '', (a.shape[1], a.shape[1])))}")
    w.add(w.random.choice(choices), "scores", a)


def make_softmax(w: Writer) -> None:
    """Probabilities over one axis, or over all, in some spelling."""
    a = w.any("scores")
    assert a is not None
    axis = w.random.choice((w.axis(a), w.axis(a), None))
    e, over = f"jnp.exp({a.name})", f"axis={axis}, keepdims=True"
    spellings = (
        f"{e} / jnp.sum({e}, {over})",
        f"{e} * (1 / jnp.sum({e}, {over}))",
        f"jnp.exp({a.name} - jnp.log(jnp.sum({e}, {over})))",
        f"{e} / (jnp.sum({e}, {over}) + 0)",
        f"jnp.exp({a.name} - jnp.max({a.name}, {over})) / jnp.sum("
        f"jnp.exp({a.name} - jnp.max({a.name}, {over})), {over})",
        f"nn.softmax({a.name}, axis={axis})",
    )
    w.add(w.random.choice(spellings), "probabilities", a)


def make_sigmoid(w: Writer) -> None:
    """Sigmoids of scores."""
    a = w.any("scores")
    assert a is not None
    spellings = (
        f"1 / (1 + jnp.exp(-{a.name}))",
        f"jnp.exp({a.name}) / (1 + jnp.exp({a.name}))",
        f"nn.sigmoid({a.name})",
        f"(jnp.tanh({a.name} / 2) + 1) / 2",
    )
    w.add(w.random.choice(spellings), "probabilities", a)


def change_probabilities(w: Writer) -> None:
    """Complements, products, mixtures and masks of probabilities."""
    a = w.any("probabilities")
    if a is None:
        return make_softmax(w)
    b, axis = w.other(a), w.axis(a)
    masked = f"jnp.where({w.mask(a)}, {a.name}, 0)"
    choices = (
        f"1 - {a.name}",
        f"{a.name} * {b.name}",
        f"{a.name} ** 2",
        f"jnp.sqrt({a.name})",
        f"0.75 * {a.name} + 0.25 * {b.name}",
        f"{a.name} * {w.numbers(a, positive=True)}",
        f"{masked} / jnp.sum({masked}, axis={axis}, keepdims=True)",
        f"{a.name} ** 2 / jnp.sum({a.name} ** 2, axis={axis}, keepdims=True)",
        f"{a.name} / jnp.sum({a.name}, axis={axis}, keepdims=True)",
    )
    w.add(w.random.choice(choices), "probabilities", a)
    return None


def make_logarithm(w: Writer) -> None:
    """Logarithms: of probabilities, ratios, and sums of exponentials; scores again."""
    a = w.any("probabilities")
    s = w.any("scores")
    assert s is not None
    over = f"axis={w.axis(s)}, keepdims=True"
    if a is None or w.random.random() < 0.3:
        sums = (
            f"{s.name} - jnp.log(jnp.sum(jnp.exp({s.name}), {over}))",
            f"jnp.log(1 + jnp.exp({s.name}))",
            f"jnp.log(jnp.exp({s.name}) + jnp.exp({w.other(s).name}))",
            f"jnp.log(jnp.mean(jnp.exp({s.name}), {over})) + 0 * {s.name}",
        )
        w.add(w.random.choice(sums), "scores", s)
        return
    b = w.other(a)
    w.add(
        w.random.choice(
            (
                f"jnp.log({a.name})",
                f"jnp.log({a.name} / {b.name})",
                f"jnp.log({a.name}) - jnp.log({b.name})",
                f"jnp.log1p(-{a.name})",
                f"jnp.log(1 - {a.name})",
                f"jnp.log({a.name} + {b.name})",
            )
        ),
        "scores",
        a,
    )


STEPS: tuple[Callable[[Writer], None], ...] = (
    change_scores,
    make_softmax,
    make_softmax,
    make_sigmoid,
    change_probabilities,
    change_probabilities,
    make_logarithm,
)


def finish(w: Writer) -> None:
    """The last line: a loss, a reading, or the last value itself."""
    p = w.any("probabilities")
    if p is None:
        make_softmax(w)
        p = w.values[-1]
    q, axis, n = w.other(p), w.axis(p), p.name
    y = w.numbers(p, positive=True)
    picked = tuple(w.random.randrange(size) for size in p.shape)
    losses = (
        f"-jnp.sum({n} * jnp.log({n}), axis={axis})",
        f"jnp.sum({n} * (jnp.log({n}) - jnp.log({q.name})))",
        f"jnp.sum({n} * jnp.log({n} / {q.name}), axis={axis})",
        f"-jnp.sum({y} * jnp.log({n}), axis={axis})",
        f"-jnp.log({n}{list(picked)})",
        f"-jnp.log({n})[{picked[0]}]",
        f"-jnp.mean({y} * jnp.log({n}) + (1 - {y}) * jnp.log(1 - {n}))",
        f"jnp.sum({n} * {w.numbers(p)}, axis={axis})",
        f"jnp.log(jnp.sum({n} * {y}, axis={axis}))",
        f"jnp.sum({n} ** 2)",
        f"-((1 - {n}) ** 2) * jnp.log({n})",
        f"jnp.sum(jnp.sqrt({n} * {q.name}))",
        f"jnp.exp(jnp.mean(jnp.log({n}), axis={axis}))",
        f"{w.values[-1].name}",
    )
    w.add(w.random.choice(losses), "result", p)


@dataclass(frozen=True)
class Program:
    """A program, its input and its mode.

    Attributes:
        seed: what it was made from.
        text: a function ``program`` of ``x``, in Python.
        shape: of ``x``.
        mode: one of ``MODES``.
    """

    seed: int
    text: str
    shape: tuple[int, ...]
    mode: str

    @property
    def function(self) -> Callable[[Any], Any]:
        """The program as a function."""
        names: dict[str, Any] = {"jnp": jnp, "np": np, "nn": jax.nn}
        exec(self.text, names)
        function: Callable[[Any], Any] = names["program"]
        return function


def random_program(seed: int) -> Program:
    """Return the program of a seed."""
    w = Writer(seed)
    for _ in range(w.random.randrange(1, 5)):
        w.random.choice(STEPS)(w)
    finish(w)
    lines = [*w.lines[:-1], "return " + w.lines[-1].split(" = ", 1)[1]]
    text = "def program(x):\n" + "".join(f"    {line}\n" for line in lines)
    return Program(seed, text, w.values[0].shape, w.random.choice(MODES))


@dataclass
class Outcome:
    """One program at one regime: bits of error, inf where not finite, nan where the truth is not.

    Attributes:
        error: what the engine raised, if it did.
    """

    program: Program
    regime: str
    naive: float
    cured: float
    error: str = ""

    @property
    def is_worse(self) -> bool:
        """Whether the engine crashed, or spoiled what was right."""
        spoiled = self.naive <= RIGHT and self.cured > self.naive + WORSE
        return bool(self.error) or spoiled

    def __str__(self) -> str:
        figures = f"{self.naive:.1f} bits as written, {self.cured:.1f} stabilised {self.error}"
        heading = f"seed {self.program.seed}, {self.program.mode}, {self.regime}: {figures}"
        return f"{heading}\n{self.program.text}"


def outcomes(program: Program, at: dict[str, np.ndarray[Any, Any]] | None = None) -> list[Outcome]:
    """Run a program at the points of each regime; none where balls cannot tell the truth."""
    name = program.mode.removesuffix(", inside")
    derivative, written = DERIVATIVES[name], program.function
    form = Form("random", str(program.seed), written, shape=program.shape)
    if at is None:
        at = {regime: x for regime, x in points(form).items() if regime in REGIMES}
    graph = rw.from_jax(derivative(written), np.zeros(program.shape, np.float32))
    truths = {}
    for regime, x in at.items():
        try:
            truths[regime] = rw.balls(graph, x)
        except EvaluationError:
            continue
    if not truths:
        return []
    inside = name != program.mode
    stable = derivative(rw.stabilize(written)) if inside else rw.stabilize(derivative(written))
    naive, cured = jax.jit(derivative(written)), jax.jit(stable)
    floor = min(1.0, max(map(largest, truths.values())) or 1.0)
    found = []
    for regime, truth in truths.items():
        wrong, error = float("inf"), ""
        try:
            wrong = bits(cured(at[regime]), truth, "float32", floor)
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"[:300]
        found.append(
            Outcome(program, regime, bits(naive(at[regime]), truth, "float32", floor), wrong, error)
        )
    return found


def run(first: int, count: int) -> Iterator[list[Outcome]]:
    """The outcomes of the programs of ``count`` seeds from the first."""
    for seed in range(first, first + count):
        yield outcomes(random_program(seed))


def main() -> None:
    """Run the programs, show how far they are, and print what the engine spoiled."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--failures", action="store_true", help="print what is not right, too")
    options = parser.parse_args()
    start, counts = time.perf_counter(), Counter[str]()
    for place, cells in enumerate(run(options.first, options.programs), 1):
        for cell in cells:
            counts["cells"] += 1
            counts["right as written"] += cell.naive <= RIGHT
            counts["right"] += cell.cured <= RIGHT
            counts["worse"] += cell.is_worse
            if cell.is_worse or (options.failures and cell.cured > RIGHT):
                print(("WORSE " if cell.is_worse else "wrong ") + str(cell), flush=True)
        if place % (20 if sys.stderr.isatty() else 100) == 0:
            spent = time.perf_counter() - start
            print(f"{place} programs, {spent:.0f} s: {dict(counts)}", file=sys.stderr, flush=True)
        if place % 50 == 0:
            jax.clear_caches()
    print(f"{options.programs} programs: {dict(counts)}")
    sys.exit(bool(counts["worse"]))


if __name__ == "__main__":
    main()
