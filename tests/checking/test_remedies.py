"""Where a law is right but for a condition, the checker says which, and that works."""

from typing import Any

import pytest

import rewriter as rw

F, I, Re = rw.Function, rw.Index, rw.Real  # noqa: E741
to = rw.rewrite


def softmax_sums_to_one(x: F, i: I, j: I, when: Any = ()) -> rw.Rewrite:
    """Σ_i e^x[i] / Σ_j e^x[j] = 1."""
    return to(rw.sum(rw.exp(x[i]) / rw.sum(rw.exp(x[j]), over=j), over=i), to=1.0, when=when)


def cancelled(x: Re, y: Re, when: Any = ()) -> rw.Rewrite:
    """x·y/y = x."""
    return to(x * y / y, to=x, when=when)


def root_of_square(x: Re, when: Any = ()) -> rw.Rewrite:
    """√(x²) = x."""
    return to(rw.sqrt(x * x), to=x, when=when)


def exponential_of_logarithm(x: Re, when: Any = ()) -> rw.Rewrite:
    """e^(log x) = x."""
    return to(rw.exp(rw.log(x)), to=x, when=when)


def shares(a: Re, b: Re, when: Any = ()) -> rw.Rewrite:
    """a/(a + b) + b/(a + b) = 1."""
    return to(a / (a + b) + b / (a + b), to=1.0, when=when)


def weighted_mean_of_a_constant(w: F, x: Re, i: I, when: Any = ()) -> rw.Rewrite:
    """Σ w[i]·x / Σ w[i] = x."""
    return to(rw.sum(w[i] * x, over=i) / rw.sum(w[i], over=i), to=x, when=when)


def geometric_mean(x: F, i: I, when: Any = ()) -> rw.Rewrite:
    """exp(mean log x) = exp(mean log |x|)."""
    left = rw.exp(rw.sum(rw.log(x[i]), over=i) / rw.sum(1.0, over=i))
    return to(left, to=rw.exp(rw.mean(rw.log(rw.absolute(x[i])), over=i)), when=when)


def mean_of_sums(x: F, i: I, a: Re, when: Any = ()) -> rw.Rewrite:
    """Σ (x[i] + a) / n = mean x + a."""
    left = rw.sum(x[i] + a, over=i) / rw.sum(1.0, over=i) - rw.mean(x[i], over=i)
    return to(left, to=a, when=when)


REMEDIES = {
    softmax_sums_to_one: "it is false for an empty axis alone: with when=[rw.sum(1.0, over=i) > 0]",
    cancelled: "when=[rw.not_equal(y, 0)]",
    root_of_square: "when=[x >= 0]",
    exponential_of_logarithm: "when=[x >= 0]",
    shares: "when=[rw.not_equal(a + b, 0)]",
    weighted_mean_of_a_constant: "when=[rw.not_equal(rw.sum(w[i], over=i), 0)]",
    geometric_mean: "when=[x[i] >= 0]",
    mean_of_sums: "it is false for an empty axis alone: with when=[rw.sum(1.0, over=i) > 0]",
}


@pytest.mark.parametrize("function", REMEDIES, ids=lambda one: one.__name__)
def test_the_condition_that_is_missing_is_said_and_makes_it_proved(function: Any) -> None:
    verdict = rw.check(rw.rule.once(_without(function)))
    assert verdict.status == "refuted"
    assert REMEDIES[function] in str(verdict)
    assert verdict.as_data()["remedy"] == list(verdict.remedy.source)
    assert rw.check(rw.rule.once(_with(function, verdict.remedy.source))).proved


def _without(function: Any) -> Any:
    names = list(function.__annotations__)[:-2]

    def plain(**values: Any) -> Any:
        return function(**values)

    return _signed(plain, function, names)


def _with(function: Any, source: Any) -> Any:
    names = list(function.__annotations__)[:-2]

    def conditional(**values: Any) -> Any:
        given = [eval(text, {"rw": rw, **values}) for text in source]  # what a person would paste
        return function(**values, when=given)

    return _signed(conditional, function, names)


def _signed(made: Any, function: Any, names: list[str]) -> Any:
    import inspect

    made.__name__, made.__doc__ = function.__name__, function.__doc__
    made.__annotations__ = {name: function.__annotations__[name] for name in names}
    kind = inspect.Parameter.KEYWORD_ONLY
    made.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    return made


def test_what_no_condition_mends_has_no_remedy() -> None:
    def sine(x: rw.Real) -> rw.Rewrite:
        """sin x = x."""
        return to(rw.sin(x), to=x)

    verdict = rw.check(rw.rule(sine))
    assert verdict.status == "refuted"
    assert verdict.remedy is None
    assert "when=" not in str(verdict)
