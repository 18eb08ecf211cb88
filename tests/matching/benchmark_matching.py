"""Times the matcher beside others': kanren's own, SymPy's, and Maude's where it is installed.

Run from the repository's root; CPU time, warm, the best of several runs::

    PYTHONPATH=. python tests/matching/benchmark_matching.py

The problems: all 2^n - 2 ways to split n constants between two variables; the first of them; the
pair of products that share a factor among n; a square that is not there among n constants.
"""

import signal
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from kanren import fact, run, var
from kanren.assoccomm import associative, commutative, eq_assoccomm
from sympy import Symbol
from sympy.unify.core import Compound, CondVariable, unify

from rewriter.matching import Operator, constants, match, rest, variables

bag = Operator("bag", associative=True, commutative=True)
times = Operator("times", associative=True, commutative=True)
x, u, v = variables("x u v")
r, s = rest("r"), rest("s")
LONGEST = 8.0

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


def seconds(problem: Problem, size: int, answers: int | None) -> tuple[float, int]:
    """Return the CPU time for the first answers, or all, and how many came."""
    best, found = float("inf"), 0
    start_again = problem(size)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        for _ in range(5):
            start = time.process_time()
            found = sum(1 for _ in islice(start_again(), answers))
            best = min(best, time.process_time() - start)
    except TimeoutError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return best, found


def out_of_time(*_: Any) -> None:
    """End a run that takes too long."""
    raise TimeoutError


MEASURED = [
    ("all splits", "splits", None, (4, 6, 8, 10, 12)),
    ("first split", "splits", 1, (4, 8, 16, 32, 64)),
    ("sharing pair", "pair", None, (4, 8, 16, 32, 64)),
    ("no square", "square", None, (4, 8, 16, 32, 64)),
]


def main() -> None:
    """Print microseconds (and numbers of answers); a dash where it would take too long."""
    signal.signal(signal.SIGALRM, out_of_time)
    others = {"ours": ours(), "kanren": kanrens(), "sympy": sympys(), "maude": maudes()}
    for title, name, answers, sizes in MEASURED:
        print(f"\n{title:14}" + "".join(f"{size:>18}" for size in sizes))
        for who, problems in others.items():
            cells, before = [], 0.0
            for size in sizes:
                if name not in problems or before > LONGEST:
                    cells.append("-")
                    continue
                before, found = seconds(problems[name], size, answers)
                cells.append("-" if before > LONGEST else f"{before * 1e6:.0f} ({found})")
            print(f"{who:14}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
