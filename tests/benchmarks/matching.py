"""Times the matcher beside others': kanren's own, SymPy's, matchpy's and Maude's.

    python tests/benchmarks/matching.py [--seconds 5]

CPU time in microseconds, warm, the best of several runs, with the number of answers. Where a
matcher was still at work after the budget, that is what stands there, and larger sizes are not
tried. ``matchpy`` and ``maude`` are measured where they are installed; of matchpy the better of its
two matchers, which is the one of many patterns at once.

The problems: all 2^n - 2 ways to split n constants between two variables; the first of them; the
pair of products that share a factor among n; a square that is not there among n constants. Then
many patterns at once, of which one matches, or none.
"""

import argparse
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from kanren import fact, run, var
from kanren.assoccomm import associative, commutative, eq_assoccomm
from sympy import Symbol
from sympy.unify.core import Compound, CondVariable, unify

from rewriter.matching import Operator, PatternSet, constants, match, rest, variables

bag = Operator("bag", associative=True, commutative=True)
times = Operator("times", associative=True, commutative=True)
x, u, v = variables("x u v")
r, s = rest("r"), rest("s")

Run = Callable[[], Iterator[Any]]
Problem = Callable[[int], Run]


def names(number: int) -> tuple[Any, ...]:
    """Return that many constants."""
    return constants(" ".join(f"k{each}" for each in range(number)))


def sharing(number: int) -> list[Any]:
    """Return products of two constants, two of which share one."""
    letters = names(2 * number)
    pairs = [letters[2 * each : 2 * each + 2] for each in range(number - 1)]
    return [*pairs, (letters[0], letters[-1])]


def ours() -> dict[str, Problem]:
    """Return the problems as this library takes them."""

    def solved(pattern: Any, subject: Any) -> Run:
        return lambda: match(pattern, subject)

    def products(number: int) -> Any:
        return bag(*(times(*pair) for pair in sharing(number)))

    return {
        "splits": lambda n: solved(bag(r, s), bag(*names(n))),
        "pair": lambda n: solved(bag(times(x, u), times(x, v), r), products(n)),
        "square": lambda n: solved(bag(times(x, x), r), bag(*names(n))),
    }


def kanrens() -> dict[str, Problem]:
    """Return the problems as `kanren.assoccomm` takes them."""
    for name in ("bag", "times"):
        fact(commutative, name)
        fact(associative, name)
    one, two, three, four = var(), var(), var(), var()

    def solved(pattern: Any, subject: Any) -> Run:
        return lambda: run(None, (one, two, three, four), eq_assoccomm(pattern, subject))

    def text(number: int) -> list[str]:
        return [str(each) for each in names(number)]

    def products(number: int) -> list[tuple[str, ...]]:
        return [("times", str(a), str(b)) for a, b in sharing(number)]

    pair = ("bag", ("times", one, two), ("times", one, three), four)
    return {
        "splits": lambda n: solved(("bag", one, two), ("bag", *text(n))),
        "pair": lambda n: solved(pair, ("bag", *products(n))),
        "square": lambda n: solved(("bag", ("times", one, one), two), ("bag", *text(n))),
    }


def sympys() -> dict[str, Problem]:
    """Return the problems as `sympy.unify` takes them."""
    laws = {"is_associative": lambda _: True, "is_commutative": lambda _: True}
    one, two, three, four = (CondVariable(name, lambda _: True) for name in "xyuv")

    def solved(pattern: Any, subject: Any) -> Run:
        return lambda: unify(pattern, subject, {}, **laws)

    def symbols(number: int) -> tuple[Any, ...]:
        return tuple(Symbol(str(each)) for each in names(number))

    def products(number: int) -> tuple[Any, ...]:
        return tuple(
            Compound("times", (Symbol(str(a)), Symbol(str(b)))) for a, b in sharing(number)
        )

    pair = (Compound("times", (one, two)), Compound("times", (one, three)), four)
    square = (Compound("times", (one, one)), two)
    return {
        "splits": lambda n: solved(Compound("bag", (one, two)), Compound("bag", symbols(n))),
        "pair": lambda n: solved(Compound("bag", pair), Compound("bag", products(n))),
        "square": lambda n: solved(Compound("bag", square), Compound("bag", symbols(n))),
    }


def matchpys() -> dict[str, Problem]:
    """Return the problems as `matchpy` takes them; none where it is not installed."""
    try:
        import matchpy as mp
    except ImportError:
        return {}
    laws = {"associative": True, "commutative": True}
    heap = mp.Operation.new("bag", mp.Arity.variadic, "Heap", **laws)
    product = mp.Operation.new("times", mp.Arity.variadic, "Product", **laws)
    one, two, three, four = map(mp.Wildcard.dot, "xuvr")
    several = mp.Wildcard.star("s")

    def solved(pattern: Any, subject: Any) -> Run:
        matcher = mp.ManyToOneMatcher(mp.Pattern(pattern))
        return lambda: matcher.match(subject)

    def symbols(number: int) -> list[Any]:
        return [mp.Symbol(str(each)) for each in names(number)]

    def products(number: int) -> list[Any]:
        return [product(mp.Symbol(str(a)), mp.Symbol(str(b))) for a, b in sharing(number)]

    pair = heap(product(one, two), product(one, three), several)
    return {
        "splits": lambda n: solved(heap(one, four), heap(*symbols(n))),
        "pair": lambda n: solved(pair, heap(*products(n))),
        "square": lambda n: solved(heap(product(one, one), several), heap(*symbols(n))),
    }


def maudes() -> dict[str, Problem]:
    """Return the problems as Maude takes them; none where it is not installed."""
    try:
        import maude
    except ImportError:
        return {}
    maude.init()
    letters = " ".join(str(each) for each in names(512))
    maude.input(
        f"fmod BENCHMARK is sort T . ops {letters} : -> T . vars x u v r s : T . "
        "ops _+_ _*_ : T T -> T [assoc comm] . endfm"
    )
    module = maude.getModule("BENCHMARK")

    def solved(pattern: str, subject: str) -> Run:
        one, other = module.parseTerm(pattern), module.parseTerm(subject)
        return lambda: iter(other.match(one))

    def plain(number: int) -> str:
        return " + ".join(map(str, names(number)))

    def products(number: int) -> str:
        return " + ".join(f"({a} * {b})" for a, b in sharing(number))

    return {
        "splits": lambda n: solved("r + s", plain(n)),
        "pair": lambda n: solved("(x * u) + (x * v) + r", products(n)),
        "square": lambda n: solved("(x * x) + r", plain(n)),
    }


def many_at_once() -> dict[str, Problem]:
    """Return patterns head_k(x·x·r), of which a subject matches one or none, tried in two ways."""
    heads = [Operator(f"head{number}") for number in range(1000)]
    patterns = [(head(times(x, x, r)), head.name) for head in heads]
    present, absent = heads[7](times(*names(8), names(1)[0])), bag(*names(8))

    def indexed(number: int, subject: Any) -> Run:
        together = PatternSet(patterns[:number])
        return lambda: together.matches(subject)

    def one_by_one(number: int, subject: Any) -> Run:
        alone = [pattern for pattern, _ in patterns[:number]]
        return lambda: (found for pattern in alone for found in match(pattern, subject))

    return {
        "together, one matches": lambda n: indexed(n, present),
        "together, none does": lambda n: indexed(n, absent),
        "one by one, one matches": lambda n: one_by_one(n, present),
        "one by one, none does": lambda n: one_by_one(n, absent),
    }


class Stopwatch:
    """Runs problems within a budget of wall-clock seconds each."""

    def __init__(self, longest: float) -> None:
        self.longest = longest
        signal.signal(signal.SIGALRM, out_of_time)

    def time(self, run: Run, answers: int | None) -> tuple[float, int] | None:
        """Return the best CPU time for the first answers, or all, and how many; None: too long."""
        best, found = float("inf"), 0
        signal.setitimer(signal.ITIMER_REAL, self.longest)
        try:
            for _ in range(9):
                start = time.process_time()
                found = sum(1 for _ in islice(run(), answers))
                best = min(best, time.process_time() - start)
        except TimeoutError:
            pass
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return None if best == float("inf") else (best, found)

    def row(self, problem: Problem, sizes: Sequence[int], answers: int | None) -> list[str]:
        """Return a cell for each size; after one that took too long, nothing is tried."""
        cells: list[str] = []
        for size in sizes:
            measured = self.time(problem(size), answers)
            if measured is None:
                budget = f"> {self.longest:g} s"
                return cells + [budget] + [""] * (len(sizes) - len(cells) - 1)
            cells.append(f"{measured[0] * 1e6:.0f} ({measured[1]})")
        return cells


def out_of_time(*_: Any) -> None:
    """End a run that takes too long."""
    raise TimeoutError


MEASURED = [
    ("all splits", "splits", None, (4, 6, 8, 10, 12)),
    ("first split", "splits", 1, (4, 8, 16, 32, 64)),
    ("sharing pair", "pair", None, (4, 8, 16, 32, 64)),
    ("no square", "square", None, (4, 8, 16, 32, 64)),
]
PATTERNS = (1, 10, 100, 1000)


def show(title: str, sizes: Sequence[int], rows: dict[str, list[str]]) -> None:
    """Print a table."""
    print(f"\n{title:26}" + "".join(f"{size:>17}" for size in sizes))
    for who, cells in rows.items():
        print(f"{who:26}" + "".join(f"{cell:>17}" for cell in cells), flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5, help="the budget of one problem")
    stopwatch = Stopwatch(parser.parse_args().seconds)
    matchers = {
        "ours": ours(), "kanren": kanrens(), "sympy": sympys(), "matchpy": matchpys(),
        "maude": maudes(),
    }  # fmt: skip
    print("microseconds of CPU time (answers)")
    for title, name, answers, sizes in MEASURED:
        rows = {
            who: stopwatch.row(problems[name], sizes, answers)
            for who, problems in matchers.items()
            if problems
        }
        show(f"{title} of", sizes, rows)
    together = many_at_once()
    rows = {who: stopwatch.row(problem, PATTERNS, None) for who, problem in together.items()}
    show("patterns", PATTERNS, rows)


if __name__ == "__main__":
    main()
