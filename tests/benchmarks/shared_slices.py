"""Random programs whose parameters are rows of one tensor, each row in several roles.

    python tests/benchmarks/shared_slices.py [--programs 500] [--first 0] [--failures]

Parameters are often packed into one array: ``x[:3]`` are a chain's transitions, ``x[3]`` its start,
``x[1:4]`` the means, ``x[2, 0]`` a temperature. Where slices overlap, an engine that renames what
it has seen may read one at a place where it does not lie, and answer with finite wrong numbers; at
moderate inputs, where the naive program is right, that shows. So each program is run there, and
at a spread, as a value or as a derivative, and its truth is the same program's in ball arithmetic.
"""

from __future__ import annotations

import argparse
import random
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from random_programs import RIGHT, Outcome, Program, outcomes
from rich.progress import track

MODES = ("value", "grad", "grad", "grad", "grad, inside", "vjp", "jvp", "hvp")
SPREAD = 80
"""How many times as far apart scores are at a spread: exponentials of them are still numbers."""


class Parameters:
    """Writes a program of vectors, square matrices and numbers, all of them slices of one array.

    Args:
        seed: the same lines for the same seed.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.size = self.random.choice((2, 3))
        self.rows = self.size + self.random.choice((1, 2))
        self.lines: list[str] = []
        self.vectors: list[str] = []
        self.matrices: list[str] = []
        self.losses: list[str] = []

    def one(self, *choices: str) -> str:
        """One of the texts."""
        return self.random.choice(choices)

    def add(self, expression: str, names: list[str]) -> str:
        """Add a line, and its name to those of its kind."""
        name = f"a{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        names.append(name)
        return name

    def row(self) -> str:
        """Scores: a row, a column's beginning, or one of them changed a little."""
        place, other = self.random.randrange(self.rows), self.random.randrange(self.rows)
        column = self.random.randrange(self.size)
        if self.random.random() < 0.5:
            return f"x[{place}]"
        return self.one(
            f"x[{place}][::-1]",
            f"x[:{self.size}, {column}]",
            f"(x[{place}] - x[{other}])",
            f"jnp.concatenate([x[{place}, :1], x[{other}, 1:]])",
            f"x[{place}, np.array({[self.random.randrange(self.size) for _ in range(self.size)]})]",
            f"x[:, {column}][{self.rows - self.size}:]",
        )

    def block(self) -> str:
        """Scores of pairs: as many rows as columns, or the sums and differences of two rows."""
        start = self.random.randrange(self.rows - self.size + 1)
        rows = f"x[{start}:{start + self.size}]"
        if self.random.random() < 0.6:
            return rows
        return self.one(
            f"{rows}.T",
            f"({self.row()}[:, None] + {self.row()}[None, :])",
            f"({self.row()}[:, None] - {self.row()}[None, :])",
            f"({rows} + {self.row()})",
            f"jnp.where(np.tri({self.size}, dtype=bool), {rows}, -jnp.inf)",
        )

    def vector(self) -> str:
        """A vector that a line before has made, the later the likelier, or a new share."""
        if self.vectors and self.random.random() < 0.8:
            return self.random.choice(self.vectors[-3:])
        return share_of_scores(self)

    def matrix(self) -> str:
        """A matrix that a line before has made, or a new table of shares."""
        if self.matrices and self.random.random() < 0.7:
            return self.random.choice(self.matrices[-2:])
        return table_of_shares(self)

    def numbers(self) -> str:
        """Fixed numbers, one for each column."""
        sizes = (0.25, 0.5, 0.75, 1.5, -0.5)
        return f"np.float32({[self.random.choice(sizes) for _ in range(self.size)]})"


def share_of_scores(p: Parameters) -> str:
    """Shares of a row: a softmax, or sigmoids."""
    row = p.row()
    expression = p.one(
        f"jnp.exp({row}) / jnp.sum(jnp.exp({row}))",
        f"jnp.exp({row} - jnp.log(jnp.sum(jnp.exp({row}))))",
        f"1 / (1 + jnp.exp(-{row}))",
        f"nn.softmax({row})",
    )
    return p.add(expression, p.vectors)


def table_of_shares(p: Parameters) -> str:
    """Shares within each row or column of a block, or sigmoids of it."""
    block = p.block()
    axis = p.random.choice((0, 1, 1))
    over = f"axis={axis}, keepdims=True"
    if block.startswith("jnp.where"):
        over = "axis=1, keepdims=True"
    expression = p.one(
        f"jnp.exp({block}) / jnp.sum(jnp.exp({block}), {over})",
        f"jnp.exp({block}) / jnp.sum(jnp.exp({block}), {over})",
        f"1 / (1 + jnp.exp(-{block}))",
        f"jnp.exp({block} - jnp.max({block}, axis=1, keepdims=True)) / jnp.sum("
        f"jnp.exp({block} - jnp.max({block}, axis=1, keepdims=True)), axis=1, keepdims=True)",
    )
    return p.add(expression, p.matrices)


def likelihoods(p: Parameters) -> str:
    """How likely an observation is under each column: a normal's density, a share, a rate's."""
    row, other = (f"x[{p.random.randrange(p.rows)}]" for _ in range(2))
    seen = p.one("0.3", "-1.2", "2.0")
    expression = p.one(
        f"jnp.exp(-0.5 * ({seen} - {row}) ** 2)",
        f"jnp.exp(-0.5 * ({seen} - {row}) ** 2 / jnp.exp({other})) / jnp.sqrt(jnp.exp({other}))",
        f"jnp.exp({row}) / (1 + jnp.exp({row}))",
        f"1 - 1 / (1 + jnp.exp(-{row}))",
        f"jnp.exp(2 * {row} - jnp.exp({row}))",
    )
    return p.add(expression, p.vectors)


def chain_step(p: Parameters) -> str:
    """One step of a chain: what is carried over, weighed and, at times, divided by its sum."""
    carried, table = p.vector(), p.matrix()
    seen = likelihoods(p) if p.random.random() < 0.5 else p.vector()
    moved = p.add(p.one(f"{carried} @ {table}", f"{table} @ {carried}"), p.vectors)
    weighed = p.add(f"{moved} * {seen}", p.vectors)
    if p.random.random() < 0.5:
        p.losses.append(f"jnp.log(jnp.sum({weighed}))")
        weighed = p.add(f"{weighed} / jnp.sum({weighed})", p.vectors)
    return weighed


def chain(p: Parameters) -> str:
    """A hidden chain of two steps, whose log-likelihood is all that is returned."""
    start = p.random.randrange(p.rows - p.size + 1)
    rows = f"x[{start}:{start + p.size}]"
    p.add(f"jnp.exp({rows}) / jnp.sum(jnp.exp({rows}), axis=1, keepdims=True)", p.matrices)
    first = p.add(f"{share_of_scores(p)} * {likelihoods(p)}", p.vectors)
    p.losses.append(f"jnp.log(jnp.sum({first}))")
    carried = p.one(first, f"({first} / jnp.sum({first}))")
    last = p.add(f"{carried} @ {p.matrices[-1]} * {likelihoods(p)}", p.vectors)
    p.losses.append(f"jnp.log(jnp.sum({last}))")
    return last


def mixture(p: Parameters) -> str:
    """Two vectors mixed by a share of a row, or by one of their own entries."""
    a, b, place = p.vector(), p.vector(), p.random.randrange(p.size)
    gate = p.one(f"{p.vector()}[{place}]", f"1 / (1 + jnp.exp(-{p.row()}[{place}]))")
    return p.add(f"{gate} * {a} + (1 - {gate}) * {b}", p.vectors)


def rearranged(p: Parameters) -> str:
    """Entries moved, picked, counted up or down, or joined from two vectors."""
    a, b = p.vector(), p.vector()
    places = [p.random.randrange(p.size) for _ in range(p.size)]
    expression = p.one(
        f"{a}[np.array({places})]",
        f"jnp.concatenate([{a}[:1], {b}[1:]])",
        f"{a}[::-1] * {b}",
        f"jnp.cumsum({a}) / jnp.sum({a})",
        f"{a} / ({a} + {b})",
        f"jnp.where(np.arange({p.size}) < 1, {a}, {b})",
    )
    return p.add(expression, p.vectors)


STEPS: tuple[Callable[[Parameters], str], ...] = (
    share_of_scores,
    table_of_shares,
    likelihoods,
    chain_step,
    chain_step,
    mixture,
    rearranged,
)


def add_loss(p: Parameters) -> None:
    """One summand of what the program returns."""
    place, other = p.random.randrange(p.size), p.random.randrange(p.size)
    if p.matrices and p.random.random() < 0.3:
        table = p.matrix()
        losses = (
            f"jnp.log({table}[{place}, {other}])",
            f"jnp.sum({p.numbers()} * ({table} @ {p.row()}))",
            f"-jnp.sum(jnp.diag({table}) * jnp.log(jnp.diag({table})))",
        )
    else:
        a, b = p.vector(), p.vector()
        losses = (
            f"jnp.log({a}[{place}])",
            f"jnp.log(jnp.sum({a} * {b}))",
            f"jnp.sum({a} * {p.numbers()})",
            f"jnp.sum({a} * {p.row()})",
            f"jnp.sum({p.numbers()} * jnp.log({a}))",
        )
    p.losses.append(p.one(*losses))


def random_program(seed: int) -> Program:
    """Return the program of a seed."""
    p = Parameters(seed)
    if p.random.random() < 0.3:
        chain(p)
    else:
        for _ in range(p.random.randrange(1, 3)):
            p.random.choice(STEPS)(p)
        for _ in range(p.random.randrange(1, 3)):
            add_loss(p)
    lines = [*p.lines, "return " + " + ".join(p.losses)]
    text = "def program(x):\n" + "".join(f"    {line}\n" for line in lines)
    return Program(seed, text, (p.rows, p.size), p.random.choice(MODES))


def points(program: Program) -> dict[str, np.ndarray[Any, Any]]:
    """The points a program is looked at: scores of which each differs, and the same far apart."""
    count = int(np.prod(program.shape))
    moderate = np.random.default_rng(program.seed).permutation(count) / 8 - 0.8125
    at = {"moderate": moderate, "spread": moderate * SPREAD}
    return {name: x.reshape(program.shape).astype(np.float32) for name, x in at.items()}


def run(first: int, count: int) -> Iterator[list[Outcome]]:
    """The outcomes of the programs of ``count`` seeds from the first."""
    for seed in range(first, first + count):
        program = random_program(seed)
        yield outcomes(program, points(program))


def main() -> None:
    """Run the programs, count what is right, and print what the engine spoiled."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--failures", action="store_true", help="print what is not right, too")
    options = parser.parse_args()
    counts = Counter[str]()
    found = run(options.first, options.programs)
    for place, cells in enumerate(track(found, total=options.programs, transient=True), 1):
        for cell in cells:
            counts["cells"] += 1
            counts["right as written"] += cell.naive <= RIGHT
            counts["right"] += cell.cured <= RIGHT
            counts["worse"] += cell.is_worse
            if cell.is_worse or (options.failures and cell.cured > RIGHT):
                print(("WORSE " if cell.is_worse else "wrong ") + str(cell), flush=True)
        if place % 50 == 0:
            jax.clear_caches()
    print(f"{options.programs} programs: {dict(counts)}")
    sys.exit(bool(counts["worse"]))


if __name__ == "__main__":
    main()
