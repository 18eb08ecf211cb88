"""Wrong laws fall, with numbers that are simple, true and can be pasted."""

import contextlib
import io

import numpy as np
import pytest

import rewriter as rw
from rewriter.checking import symbolic
from rewriter.checking.elaboration import Law
from rewriter.errors import RuleError


def test_counterexample_is_shrunk_and_runs_as_python() -> None:
    @rw.rule
    def log_of_product(a: rw.Real, b: rw.Real) -> rw.Rewrite:
        """log(a·b) = log a + log b, which is false where both are negative."""
        return rw.rewrite(rw.log(a * b), to=rw.log(a) + rw.log(b))

    verdict = rw.check(log_of_product)
    assert verdict.status == "refuted"
    values = {name: array.item() for name, array in verdict.counterexample.values.items()}
    assert values == {"a": -1.0, "b": -1.0}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(verdict.counterexample.source, {})
    assert out.getvalue().split() == ["0.0", "nan"]


def test_places_are_dropped_too() -> None:
    @rw.rule
    def root_of_sum(x: rw.Function, i: rw.Index) -> rw.Rewrite:
        """√Σ x[i]² = Σ |x[i]|, which is false from two places on."""
        return rw.rewrite(
            rw.sqrt(rw.sum(x[i] * x[i], over=i)), to=rw.sum(rw.absolute(x[i]), over=i)
        )

    example = rw.check(root_of_sum).counterexample
    assert example.values["x"].tolist() == [1.0, 1.0]
    assert float(example.left_value) == pytest.approx(2**0.5)
    assert float(example.right_value) == 2.0


def test_branch_is_seen_in_the_other_direction_too() -> None:
    @rw.rule
    def root_of_square(x: rw.Real) -> rw.Rewrite:
        """√(x²) = x, which is false for x < 0."""
        return rw.rewrite(rw.sqrt(x * x), to=x)

    verdict = rw.check(root_of_square)
    assert (verdict.status, verdict.counterexample.values["x"].item()) == ("refuted", -1.0)


def test_law_of_floats_falls_by_lost_digits() -> None:
    @rw.rule
    def log_of_one_plus(x: rw.Real, y: rw.Real) -> rw.Rewrite:
        """y·log1p(x) = y·log(1 + x): true over the reals, not over floats."""
        return rw.rewrite(y * rw.expm1(x), to=y * (rw.exp(x) - 1))

    verdict = rw.check(log_of_one_plus)
    assert verdict.status == "refuted"
    assert "digits" in verdict.reason
    x, y = (verdict.counterexample.values[name] for name in "xy")
    exact, float_value = y * np.expm1(x), y * (np.exp(x) - 1)
    assert abs(float_value - exact) > 1e-12 * abs(exact)


def test_condition_of_ones_own_is_asked() -> None:
    from rewriter.authoring import Condition
    from rewriter.facts.verdict import PROVED, REFUTED, Fact
    from rewriter.terms import algebra
    from rewriter.terms.views import term_of

    def at_least_one(x: rw.Real) -> Condition:
        (variable,) = (x > 0).operands[0].attribute("variable").variables

        def ask(substitution: dict) -> Fact:
            holds = algebra.number_of(term_of(substitution[variable])) >= 1
            return Fact("x >= 1", PROVED if holds else REFUTED, "asked")

        return Condition("x >= 1", ask, frozenset((variable,)))

    @rw.rule
    def size(x: rw.Real) -> rw.Rewrite:
        """|x| = x, for x ≥ 1."""
        return rw.rewrite(rw.absolute(x), to=x, when=[at_least_one(x)])

    verdict = rw.check(size)
    assert verdict.proved


def test_a_relation_is_unknown() -> None:
    def relation(term: object, out: object) -> object:
        """Nothing at all."""
        raise NotImplementedError

    verdict = rw.check(rw.rule.from_relation(relation))
    assert verdict.status == "unknown"
    assert "relation" in verdict.reason


def test_nothing_to_check_is_an_error() -> None:
    with pytest.raises(RuleError, match="no rules"):
        rw.check([])


def test_what_sympy_cannot_compare_is_no_proof_and_no_error() -> None:
    @rw.rule.once
    def largest_logarithm(f: rw.Function, i: rw.Index) -> rw.Rewrite:
        """max log f = log max f, of numbers that may be negative."""
        return rw.rewrite(rw.max(rw.log(f[i]), over=i), to=rw.log(rw.max(f[i], over=i)))

    written = largest_logarithm.written
    assert symbolic.proof(Law(written.left, written.right, ())) is None
    assert rw.check(largest_logarithm).counterexample.left_value == "nan"
