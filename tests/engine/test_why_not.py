"""Near misses: of the conditions, each answered by the one that is missing; and of the form."""

from typing import Any

import pytest

import rewriter as rw

X = rw.input("x", (), "float64")
Y = rw.input("y", (), "float64")


@rw.rule
def log_of_product(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """sin(log(x·y)) …, for x > 0."""
    return rw.rewrite(rw.log(x * y), to=rw.log(x) + rw.log(y), when=[x > 0])


@rw.rule
def size(x: rw.Real) -> rw.Rewrite:
    """cos x = cos|x| where x ≤ 0."""
    return rw.rewrite(rw.cos(x), to=rw.cos(-x), when=[x <= 0])


@rw.rule
def constant_sine(x: rw.Real) -> rw.Rewrite:
    """sin x is a number where x is one."""
    return rw.rewrite(rw.sin(x), to=rw.cos(x - 1.5), when=[rw.is_constant(x)])


@rw.rule
def two_conditions(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """arctan(x)·tan(y) …, for x < y and y ≥ 0."""
    return rw.rewrite(rw.arctan(x) * rw.tan(y), to=rw.tan(y), when=[y >= 0, x < y])


NEAR_MISSES = {
    "unknown sign": (rw.log(X * Y), log_of_product, "not proved", "> 0"),
    "unknown sign of a difference": (rw.cos(X - Y), size, "not proved", "<= 0"),
    "refuted sign": (rw.cos(rw.exp(X)), size, "refuted", "<= 0"),
    "no number": (rw.sin(X), constant_sine, "not proved", "is a number"),
    "two at once": (rw.arctan(X) * rw.tan(Y), two_conditions, "not proved", ">= 0"),
}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_the_missing_condition_is_named(name: str) -> None:
    output, rule, answer, condition = NEAR_MISSES[name]
    found: Any = rw.why_not(rw.Graph([X, Y], [output]), rule)
    assert not found.fires
    assert found.reason.startswith(answer)
    assert condition in found.reason
    assert rw.optimize(rw.Graph([X, Y], [output]), rules=[rule]) is rw.Graph([X, Y], [output])


def test_no_instance_of_the_left_side() -> None:
    found = rw.why_not(rw.Graph([X], [rw.exp(X)]), size)
    assert "none of 2 places" in found.reason


@rw.rule
def versed(x: rw.Real) -> rw.Rewrite:
    """1 − cos x = 2·sin²(x/2)."""
    return rw.rewrite(1 - rw.cos(x), to=2 * rw.square(rw.sin(x / 2)))


@rw.rule
def pythagoras(x: rw.Real) -> rw.Rewrite:
    """sin²x + cos²x = 1."""
    return rw.rewrite(rw.square(rw.sin(x)) + rw.square(rw.cos(x)), to=1)


@rw.rule
def log_of_sine_and_cosine(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """log(sin x · cos y) = log(sin x) + log(cos y)."""
    left = rw.log(rw.sin(x) * rw.cos(y))
    return rw.rewrite(left, to=rw.log(rw.sin(x)) + rw.log(rw.cos(y)))


@rw.rule
def sine_from_tangent(x: rw.Real) -> rw.Rewrite:
    """tan x · cos x = sin x."""
    return rw.rewrite(rw.tan(x) * rw.cos(x), to=rw.sin(x))


@rw.rule
def share_of_sines(b: rw.Function, i: rw.Index, j: rw.Index) -> rw.Rewrite:
    """sin b[i] / Σ_j sin b[j] = 1 / (Σ_j sin b[j] / sin b[i])."""
    total = rw.sum(rw.sin(b[j]), over=j)
    return rw.rewrite(rw.sin(b[i]) / total, to=1 / (total / rw.sin(b[i])))


V = rw.input("v", (4,), "float64")
FORMS = {
    "another number": (2 - rw.cos(X), versed, "-cos(x)", "1 is looked for, and 2 stands there"),
    "another function": (
        rw.tan(X) * rw.sin(X),
        sine_from_tangent,
        "tan(x)",
        "cos(x) is looked for, and sin(x) stands there",
    ),
    "one variable, two values": (
        rw.square(rw.sin(X)) + rw.square(rw.cos(Y)),
        pythagoras,
        str(pythagoras.left),
        "x would be x and y at once",
    ),
    "a sum in place of a product": (
        rw.log(rw.sin(X) + rw.cos(Y)),
        log_of_sine_and_cosine,
        None,
        f"cos(y) · sin(x) is looked for, and {rw.normal_form(rw.sin(X) + rw.cos(Y))} stands there",
    ),
    "within a bound sum": (
        rw.sin(V) / rw.sum(rw.cos(V)),
        share_of_sines,
        "sin(b[i])",
        "sin(b[k]) is looked for, and cos(v[k]) stands there",
    ),
    "a factor that is missing": (
        rw.exp(rw.tan(X)),
        sine_from_tangent,
        "tan(x)",
        "cos(x) is looked for in tan(x) · cos(x), and is not there",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_differs_from_the_left_side_is_named(name: str) -> None:
    output, rule, agreeing, difference = FORMS[name]
    found: Any = rw.why_not(rw.Graph([X, Y, V], [output]), rule)
    assert found.nearest.differences == (difference,)
    assert found.reason.endswith(difference)
    assert (found.nearest.agreeing and str(found.nearest.agreeing)) == agreeing
    assert 0 < found.nearest.likeness <= found.nearest.size
    assert difference in str(found)
    assert "test_why_not.py" in str(found)


def test_the_place_that_has_most_of_the_left_side_is_named() -> None:
    outputs = [rw.sin(rw.tan(X)), rw.tan(Y) * rw.cos(X)]
    found: Any = rw.why_not(rw.Graph([X, Y], outputs), sine_from_tangent)
    assert found.nearest.node is outputs[1]


def test_where_nothing_is_like_it_there_is_no_nearest_place() -> None:
    assert rw.why_not(rw.Graph([X], [rw.exp(X)]), sine_from_tangent).nearest is None


def test_where_it_fires_it_says_so() -> None:
    graph = rw.Graph([X], [rw.cos(-rw.exp(X))])
    assert "it fires at" in rw.why_not(graph, size).reason


def test_what_the_theory_holds_already_is_rewritten_as_it_is_written() -> None:
    @rw.rule
    def product_of_exponentials(x: rw.Real, y: rw.Real) -> rw.Rewrite:
        """e^x·e^y = e^(x+y)."""
        return rw.rewrite(rw.exp(x) * rw.exp(y), to=rw.exp(x + y))

    graph = rw.Graph([X, Y], [rw.exp(X) * rw.exp(Y)])
    assert rw.why_not(graph, product_of_exponentials).fires
    after = rw.apply(rw.bottom_up(product_of_exponentials), graph)
    assert rw.pprint(after) in ("exp(x + y)", "exp(y + x)")


def test_what_the_theory_holds_already_is_said_where_it_would_go_on_for_ever() -> None:
    @rw.rule
    def reciprocal_exponential(x: rw.Real) -> rw.Rewrite:
        """e^x = 1/e^(−x)."""
        return rw.rewrite(rw.exp(x), to=1 / rw.exp(-x))

    graph = rw.Graph([X], [rw.exp(X)])
    found = rw.why_not(graph, reciprocal_exponential)
    assert not found.fires
    assert "holds it already" in found.reason
    assert rw.apply(rw.bottom_up(reciprocal_exponential), graph) is graph


def test_what_is_read_as_something_else_is_shown() -> None:
    found = rw.why_not(rw.Graph([X, Y], [rw.log(rw.exp(X + Y))]), log_of_product)
    assert "the theory reads" in str(found)
    assert "as x + y" in str(found)
