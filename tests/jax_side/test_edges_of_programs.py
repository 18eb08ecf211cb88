"""Places that are out of range, integers that wrap, axes of no places: JAX in float64 is judge."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw

MANY = np.linspace(-1.0, 1.0, 300)
FEW = np.array([0.25, 0.5, 2.0])


def softmax(x):
    e = jnp.exp(x)
    return e / e.sum()


PROGRAMS = {
    "bytes wrap round in a comparison": (
        lambda x: jnp.log(
            jnp.sum(jnp.where(jnp.arange(300).astype(jnp.uint8) == 3, jnp.exp(x), 0))
        ),
        MANY,
    ),
    "bytes wrap round in a gather": (
        lambda x: softmax(x)[jnp.arange(300).astype(jnp.uint8)],
        MANY,
    ),
    "a sum of bytes wraps round": (
        lambda x: jnp.log(
            jnp.sum(jnp.exp(x) * ((jnp.arange(300) % 100).astype(jnp.int8) + jnp.int8(100) > 0))
        ),
        MANY,
    ),
    "no place is the fifth of three": (
        lambda x: jnp.log(jnp.sum(jnp.where(jnp.arange(3) == 5, 3 * jnp.exp(x), 0))),
        FEW,
    ),
    "a root is 0 where its radicand is": (
        lambda x: jnp.sum(jnp.sign(jnp.sqrt(jnp.tanh(x - 0.25))) * softmax(x)),
        FEW,
    ),
    "a coefficient below every float": (
        lambda x: jnp.sqrt((1e-30 * jnp.exp(x)) ** 24) / jnp.sum(jnp.exp(x)),
        FEW,
    ),
    "every other place of none": (
        jax.hessian(
            lambda x: jnp.sum(jax.lax.cumlogsumexp(x[None, :2] * x[:2, None], 1, reverse=True) ** 2)
        ),
        FEW,
    ),
    "a mask under a root": (
        jax.hessian(
            lambda x: jnp.exp2(
                jnp.sqrt(jnp.sum(jnp.expm1(jnp.tril(jnp.sqrt(x[None] * x[:, None]), -1)) ** 2))
            )
        ),
        FEW,
    ),
    "places picked from the end": (
        jax.hessian(
            lambda x: jnp.sum(2.0 ** jnp.tanh(jnp.tanh(x[None, jnp.array([0, -1, 1, 0])])))
        ),
        FEW,
    ),
    "a batch of one operand": (
        jax.vmap(lambda c: jnp.logaddexp(c * FEW, jnp.sum(c * FEW))),
        FEW[:2],
    ),
    "a batch of the other operand": (
        jax.vmap(lambda c: jnp.logaddexp(c * FEW, jnp.einsum("...i,...i->...", c * FEW, FEW))),
        FEW[:2],
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_means_what_it_means_in_jax(name):
    program, x = PROGRAMS[name]
    with jax.enable_x64(True):
        expected = jax.jit(program)(x)
        got = jax.jit(rw.stabilize(program))(x)
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


EMPTIED = {
    "variance": lambda x: jnp.var(jnp.exp(x)),
    "weighted by a sigmoid": lambda x: jnp.sum(jnp.exp(x) / (1 + jnp.exp(-x))),
    "root of squares": lambda x: jnp.sqrt(jnp.sum(jnp.exp(x) ** 2)),
}


@pytest.mark.parametrize("point", [[-np.inf] * 3, [1, -np.inf, 2]], ids=["all masked", "masked"])
@pytest.mark.parametrize("form", EMPTIED)
def test_what_masks_empty_is_zero_where_it_is_no_divisor(form, point):
    """Of sound programs: the truth is their value in float64."""
    x = np.array(point, "float32")
    for program in (EMPTIED[form], jax.grad(EMPTIED[form])):
        with jax.enable_x64():
            truth = np.asarray(program(jnp.asarray(x, "float64")))
        found = np.asarray(rw.stabilize(program)(x))
        seen = np.isfinite(truth)
        np.testing.assert_allclose(found[seen], truth[seen], rtol=1e-5)


def test_numbers_beside_the_largest_float_are_no_hazard_of_their_own():
    """``nan_to_num`` puts in the largest float, of which no exponent is made."""

    def program(x):
        return jax.nn.log_softmax(jnp.nan_to_num(x))

    x = np.array([1, np.nan, 3, 2], np.float32)
    wide = np.array([1.0, 0.0, 3.0, 2.0])
    truth = wide - np.log(np.sum(np.exp(wide)))
    np.testing.assert_allclose(rw.stabilize(program)(x), truth, rtol=1e-6)
    infinite = rw.stabilize(program)(np.array([1, np.inf, -np.inf, 2], np.float32))
    assert infinite[1] == 0


def test_a_sound_value_to_a_power_that_is_data():
    """``silu(x)^k`` is as sound as silu, which overflows nowhere."""
    x, powers = np.float32([10000, 3, -2, 9999]), np.array([1, 2, 0, 2])
    program = lambda x, k: jnp.logaddexp(x, jax.nn.silu(x) ** k)  # noqa: E731
    with jax.enable_x64():
        truth = program(jnp.asarray(x, "float64"), powers)
    np.testing.assert_allclose(rw.stabilize(program)(x, powers), truth, rtol=1e-6)
