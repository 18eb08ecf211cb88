"""Terms of any depth are renamed: nothing goes down into them by recursion."""

import rewriter as rw
from rewriter.graph import operators as o
from rewriter.terms import functions
from rewriter.terms.algebra import LARGEST_EXPANSION, add, exponential, multiply, number
from rewriter.terms.index import Data, axis
from rewriter.terms.indicators import delta
from rewriter.terms.reading import element
from rewriter.terms.renaming import is_renaming, renamed

DEPTH = 20_000


def test_a_deep_term_is_renamed() -> None:
    deep = element(rw.input("x", ("n",), "float64"))
    for _ in range(DEPTH):
        deep = functions.apply(o.SIN, deep)
    mapping = {axis(0, "n"): axis(3, "n")}
    assert is_renaming(deep, mapping)
    found = renamed(deep, mapping)
    assert found.free == {axis(3, "n")}
    assert renamed(found, {axis(3, "n"): axis(0, "n")}) is deep


def test_a_long_sum_stays_one_factor_where_a_table_places_it() -> None:
    x = element(rw.input("x", ("n",), "float64"))
    weights = (number(k) for k in range(1, LARGEST_EXPANSION + 2))
    total = add(exponential(multiply(weight, x)) for weight in weights)
    table = rw.input("table", ("m",), "int64")
    placed = multiply(delta(axis(0, "n"), Data(table, (axis(1, "m"),))), total)
    assert len(placed.products) == 1
    weighed = multiply(element(rw.input("y", ("n",), "float64")), total)
    assert len(weighed.products) == len(total.products)
