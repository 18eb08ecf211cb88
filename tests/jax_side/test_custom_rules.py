"""Calls with a derivative rule of their own: it stays the user's, what is inside is cured."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax_programs import softmax
from plain_cures import nothing, shifted, twice_negated

from rewriter.graph import operators as o
from rewriter.jax.importing import from_jax
from rewriter.jax.stabilize import stable_function

EXTREME = jnp.array([1.0, 2.0, 1000.0])
SPREAD = jnp.array([0.0, 500.0, 500.0])
HALVES = np.array([0.0, 0.5, 0.5])


def with_explicit_jacobian(returned=lambda gradient: (gradient,)):
    ran = []

    @jax.custom_vjp
    def rule_softmax(x):
        exponentials = jnp.exp(x)
        return exponentials / jnp.sum(exponentials)

    def forward(x):
        activations = rule_softmax(x)
        return activations, activations

    def backward(activations, cotangent):
        ran.append("backward")
        jacobian = jnp.diag(activations) - jnp.outer(activations, activations)
        return returned(jnp.dot(cotangent, jacobian))

    rule_softmax.defvjp(forward, backward)
    return rule_softmax, ran


def test_the_naive_forward_does_need_a_cure():
    function, _ = with_explicit_jacobian()
    assert np.isnan(function(SPREAD)).any()
    assert np.isnan(jax.jacrev(function)(SPREAD)).any()


@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit], ids=["eager", "jit"])
def test_explicit_jacobian(wrap):
    function, ran = with_explicit_jacobian()
    stable = stable_function(function, shifted)
    np.testing.assert_array_equal(wrap(stable)(SPREAD), HALVES)
    assert ran == []
    expected = np.diag(HALVES) - np.outer(HALVES, HALVES)
    np.testing.assert_allclose(wrap(jax.jacrev(stable))(SPREAD), expected, atol=1e-7)
    assert ran
    _, pull = jax.vjp(stable, SPREAD)
    np.testing.assert_allclose(pull(jnp.array([1.0, 2.0, 3.0]))[0], [0, -0.25, 0.25], atol=1e-7)
    np.testing.assert_allclose(jax.vmap(stable)(jnp.stack([EXTREME, SPREAD])), [[0, 0, 1], HALVES])


def test_the_rule_that_runs_is_the_users():
    function, _ = with_explicit_jacobian(lambda gradient: (7 * jnp.ones_like(gradient),))
    stable = stable_function(function, shifted)
    np.testing.assert_array_equal(jax.grad(lambda x: stable(x)[0])(EXTREME), [7, 7, 7])
    around = stable_function(lambda x: 2 * function(x) + softmax(x), shifted)
    np.testing.assert_allclose(jax.grad(lambda x: around(x)[2])(EXTREME), [7, 7, 7], atol=1e-6)


def test_without_the_tuple_the_error_is_that_of_jax():
    function, _ = with_explicit_jacobian(lambda gradient: gradient)
    with pytest.raises(TypeError, match="must produce a tuple of length") as expected:
        jax.jacrev(function)(EXTREME)
    for cure in (shifted, nothing):
        with pytest.raises(TypeError) as found:
            jax.jacrev(stable_function(function, cure))(EXTREME)
        assert str(found.value) == str(expected.value)


def test_tangent_rule():
    ran = []

    @jax.custom_jvp
    def function(x):
        return softmax(x)

    @function.defjvp
    def tangent(primals, tangents):
        ran.append("tangent")
        p = softmax(primals[0])
        return p, 11 * p * tangents[0]

    stable = stable_function(function, shifted)
    np.testing.assert_array_equal(stable(SPREAD), HALVES)
    np.testing.assert_array_equal(jax.jvp(stable, (SPREAD,), (jnp.ones(3),))[1], 11 * HALVES)
    np.testing.assert_array_equal(jax.jacrev(stable)(SPREAD), np.diag(11 * HALVES))
    assert ran


def test_rules_that_close_over_tracers():
    def outer(w):
        @jax.custom_jvp
        def function(x):
            return softmax(w * x)

        function.defjvps(lambda t, p, x: 3 * t * p)
        return jax.jvp(stable_function(function, shifted), (SPREAD,), (jnp.ones(3),))

    value, tangent = jax.jit(outer)(1.0)
    np.testing.assert_array_equal(value, HALVES)
    np.testing.assert_array_equal(tangent, 3 * HALVES)
    values, _ = jax.vmap(outer)(jnp.array([0.0, 1.0]))
    np.testing.assert_allclose(values, [np.full(3, 1 / 3), HALVES], rtol=1e-6)


def test_arguments_that_carry_no_derivative():
    @jax.custom_vjp
    def picked(x, n):
        return softmax(x)[n]

    def backward(kept, g):
        return 5 * g * kept, None

    picked.defvjp(lambda x, n: (softmax(x)[n], softmax(x)), backward)
    stable = stable_function(picked, shifted)
    np.testing.assert_array_equal(jax.grad(stable)(SPREAD, jnp.int32(1)), 5 * HALVES)
    np.testing.assert_array_equal(jax.jit(jax.grad(stable))(SPREAD, jnp.int32(2)), 5 * HALVES)


def test_relu_keeps_its_derivative_at_zero():
    stable = stable_function(lambda x: jax.nn.relu(x), twice_negated)
    assert jax.grad(stable)(0.0) == jax.grad(jax.nn.relu)(0.0) == 0


def test_logaddexp_is_recognised_by_program_and_rule():
    def logaddexp(x, y):
        return jnp.maximum(x, y)

    lookalike = jax.custom_jvp(logaddexp)
    lookalike.defjvps(lambda t, p, x, y: t, lambda t, p, x, y: t)
    x = jnp.ones(3)
    assert from_jax(jnp.logaddexp, x, x).outputs[0].operator is o.LOGADDEXP
    assert from_jax(jax.nn.softplus, x).outputs[0].operator is o.LOGADDEXP
    assert from_jax(lookalike, x, x).outputs[0].operator is o.CALL


def test_logaddexp_is_recognised_where_it_was_differentiated():
    graph = from_jax(jax.grad(lambda x: jnp.log(jax.nn.softplus(x).mean())), jnp.ones(3))
    operators = [node.operator for node in graph.ordered]
    assert operators.count(o.LOGADDEXP) == 1
    assert o.CALL not in operators


def test_calls_of_which_results_are_dropped_are_told_apart():
    """Two rules of one program: the one that keeps both results is not the one that keeps one."""

    @jax.custom_jvp
    def both(x):
        return jnp.exp(x), jnp.sin(x)

    @both.defjvp
    def _(primals, tangents):
        (x,), (t,) = primals, tangents
        return both(x), (t * jnp.exp(x), t * jnp.cos(x))

    def kept(x):
        return both(x)[0].sum() + (both(x)[0] * both(x)[1]).sum()

    x = jnp.linspace(-1, 1, 3)
    stable = stable_function(jax.grad(kept), twice_negated)
    np.testing.assert_allclose(stable(x), jax.grad(kept)(x), rtol=1e-6)
