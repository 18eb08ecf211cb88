"""stabilize as a transformation: what it leaves alone, and what it composes with."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax_programs import KEYWORDS, OPAQUE, PLAIN, convolution, layer_norm, normal, softmax
from plain_cures import nothing, shifted, twice_negated

from rewriter.jax.importing import from_jax
from rewriter.jax.stabilize import Memory, stabilize, stable_function

EXTREME = jnp.array([1.0, 2.0, 1000.0])
SPREAD = jnp.array([500.5, 480.0, 500.0])
MODERATE = jnp.array([0.5, -1.0, 2.0])
TRANSFORMATIONS = {
    "nothing": lambda f: f,
    "jit": jax.jit,
    "grad": lambda f: jax.grad(lambda x: f(x)[2]),
    "value and grad": lambda f: jax.value_and_grad(lambda x: (f(x) ** 2).sum()),
    "jit of grad": lambda f: jax.jit(jax.grad(lambda x: f(x)[0])),
    "vmap": lambda f: lambda x: jax.vmap(f)(jnp.stack([x, x / 3])),
    "vmap over columns": lambda f: lambda x: jax.vmap(f, 1, 1)(jnp.stack([x, x / 3], 1)),
    "jacrev": jax.jacrev,
    "jacfwd": jax.jacfwd,
    "hessian": jax.hessian,
    "gradient of a gradient": lambda f: jax.grad(lambda x: jax.grad(lambda y: f(y)[1])(x)[0]),
    "vjp": lambda f: lambda x: jax.vjp(f, x)[1](jnp.array([1.0, -1.0, 0.5])),
    "jvp": lambda f: lambda x: jax.jvp(f, (x,), (jnp.array([1.0, 0.0, 2.0]),)),
    "linearize": lambda f: lambda x: jax.linearize(f, x)[1](jnp.ones(3)),
    "vmap of vjp": lambda f: lambda x: jax.vmap(lambda g: jax.vjp(f, x)[1](g)[0])(jnp.eye(3)),
    "checkpoint": lambda f: jax.jacrev(jax.checkpoint(f)),
    "scan": lambda f: lambda x: lax.scan(lambda c, _: (f(c), c), x, None, length=3),
    "cond": lambda f: lambda x: lax.cond(x[0] > 0, f, lambda y: y, x),
    "eval_shape": lambda f: lambda x: jnp.zeros(jax.eval_shape(f, x).shape),
}


def leaves(value):
    return [np.asarray(leaf) for leaf in jax.tree.leaves(value)]


def assert_near(left, right, tolerance=2e-6):
    assert jax.tree.structure(left) == jax.tree.structure(right)
    for a, b in zip(leaves(left), leaves(right), strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_transformations_outside(name):
    transform = TRANSFORMATIONS[name]
    found = transform(stable_function(softmax, shifted))(SPREAD)
    assert_near(found, transform(jax.nn.softmax)(SPREAD))


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_transformations_inside(name):
    transformed = TRANSFORMATIONS[name](softmax)
    assert_near(stable_function(transformed, twice_negated)(MODERATE), transformed(MODERATE))


@pytest.mark.parametrize("name", ["jit of grad", "vmap", "jacrev", "jacfwd", "linearize"])
def test_transformations_inside_and_outside(name):
    transform = TRANSFORMATIONS[name]
    inner = stable_function(jax.vmap(softmax), twice_negated)
    flat = transform(lambda x: inner(x[None])[0])
    assert_near(flat(MODERATE), transform(softmax)(MODERATE))


def test_the_naive_forms_do_need_a_cure():
    for point in (EXTREME, SPREAD):
        assert np.isnan(softmax(point)).any()
        assert np.isnan(jax.grad(lambda x: softmax(x)[2])(point)).any()


@pytest.mark.parametrize("name", [
    "scalars", "pytrees", "weak types", "layout", "attention", "gradient along", "nothing",
    "convolution", "fft", "scan", "keys", "custom vjp", "callback", "narrow floats",
])  # fmt: skip
def test_where_there_is_nothing_to_cure_the_function_itself_runs(name):
    function, args = PLAIN[name] if name in PLAIN else OPAQUE[name][:2]
    answer = object()
    seen = []

    def probe(*given, **named):
        result = function(*given, **named)
        seen.append(given)
        return answer if len(seen) == 2 else result

    assert stable_function(probe, nothing)(*args, **KEYWORDS.get(name, {})) is answer
    assert all(a is b for a, b in zip(jax.tree.leaves(seen[1]), jax.tree.leaves(args), strict=True))


SOUND = {
    "normalised layer": (layer_norm, (normal(4, 5), normal(5))),
    "convolution": (convolution, (normal(1, 2, 5, 5), normal(3, 2, 3, 3))),
    "fft": (lambda x: jnp.fft.ifft(jnp.fft.fft(x)).real, (normal(8),)),
    "shifted softmax": (lambda x: jax.nn.softmax(x), (normal(3, 4) * 100,)),
}


@pytest.mark.parametrize("name", SOUND)
def test_sound_programs_keep_every_bit(name):
    function, args = SOUND[name]
    assert np.asarray(stabilize(function)(*args)).tobytes() == np.asarray(function(*args)).tobytes()


def test_decorator_forms():
    @stabilize
    def plain(x):
        """Documented."""
        return x + 1

    @stabilize(accuracy="normwise")
    def with_options(x):
        return x + 1

    assert plain.__name__ == "plain"
    assert plain.__doc__ == "Documented."
    assert str(inspect.signature(plain)) == "(x)"
    assert plain(jnp.float32(1)) == with_options(jnp.float32(1)) == 2
    assert stabilize(jnp.sin, rules=None)(0.0) == 0


def test_static_leaves_are_seen_as_they_are():
    seen = []

    def function(x, axis, *, name, scale, activation, flag=True, nothing=None):
        seen.append((axis, name, scale, activation, flag, nothing))
        return {
            "y": activation(x).sum(axis) * scale,
            "name": name,
            "axis": axis,
            "nothing": nothing,
        }

    given = {"name": "rows", "scale": 2.0, "activation": jnp.tanh, "flag": False}
    result = stable_function(function, twice_negated)(normal(2, 3), 1, **given)
    assert seen == [(1, "rows", 2.0, jnp.tanh, False, None)]
    assert (result["name"], result["axis"], result["nothing"]) == ("rows", 1, None)
    assert result["y"].shape == (2,)


def test_static_numbers_are_told_apart():
    stable = stable_function(lambda x, n: x**n, twice_negated)
    assert stable(jnp.float32(3), 2) == 9
    assert stable(jnp.float32(3), 3) == 27
    assert stable(jnp.int32(3), 2).dtype == "int32"
    assert stable(jnp.int32(3), 2.0).dtype == "float32"


@pytest.mark.parametrize("name", ["weak types", "pytrees", "half precision", "brain floats"])
def test_outputs_keep_their_types(name):
    (function, args), kwargs = PLAIN[name], KEYWORDS.get(name, {})
    after = stable_function(function, twice_negated)(*args, **kwargs)
    before = function(*args, **kwargs)
    assert jax.tree.structure(before) == jax.tree.structure(after)
    for a, b in zip(jax.tree.leaves(before), jax.tree.leaves(after), strict=True):
        assert getattr(a, "aval", a) == getattr(b, "aval", b)


def test_closure_over_tracers():
    def outer(w):
        return stable_function(lambda x: softmax(w * x), shifted)(EXTREME)[1]

    def reference(w):
        return jax.nn.softmax(w * EXTREME)[1]

    weights = jnp.array([1e-3, 1e-2, 1.0])
    assert_near(jax.vmap(outer)(weights), jax.vmap(reference)(weights))
    assert_near(jax.grad(outer)(1e-3), jax.grad(reference)(1e-3), 1e-5)
    assert_near(jax.jit(outer)(1e-2), reference(1e-2))
    assert_near(jax.jit(jax.grad(jax.grad(outer)))(1e-3), jax.grad(jax.grad(reference))(1e-3), 1e-4)


def test_no_tracer_leaks():
    def outer(w):
        return stable_function(lambda x: jax.nn.relu(w) * softmax(w * x), shifted)(EXTREME)[2]

    with jax.checking_leaks():
        assert jax.jit(jax.grad(outer))(1.0) == 1


def test_what_a_closure_holds_is_read_anew():
    held = {"w": jnp.float32(1), "big": jnp.ones(10_000)}
    stable = stable_function(lambda x: softmax(held["w"] * x) * held["big"][0], shifted)
    assert_near(stable(EXTREME), jnp.array([0.0, 0.0, 1.0]))
    held["w"], held["big"] = jnp.float32(0), jnp.full(10_000, 6.0)
    assert_near(stable(EXTREME), jnp.array([2.0, 2.0, 2.0]))


def test_graphs_that_were_met_are_not_cured_again():
    met = []

    def cure(graph):
        met.append(graph)
        return shifted(graph)

    def program(x):
        carried = lax.scan(lambda c, a: (c + a, jnp.sin(a)), 0.0, x)[1]
        return softmax(x) + jax.nn.relu(x) + carried + lax.cond(x[0] > 0, jnp.sin, jax.nn.relu, x)

    stable = stable_function(program, cure)
    stable(EXTREME)
    count = len(met)
    for _ in range(3):
        stable(EXTREME + 1)
    assert len(met) == count
    stable(jnp.ones(4))
    assert len(met) > count


def test_memory_is_bounded():
    memory = Memory(nothing, limit=3)
    for size in range(1, 9):
        memory.lowered(from_jax(jnp.sin, jnp.ones(size)))
    assert len(memory) == 3


def test_effects_happen_once_and_in_order(capfd):
    def program(x):
        jax.debug.print("first {}", x[0], ordered=True)
        y = softmax(x)
        jax.debug.print("second {}", y[2], ordered=True)
        jax.debug.print("second {}", y[2], ordered=True)
        return y

    for run in (stable_function(program, shifted), jax.jit(stable_function(program, shifted))):
        assert_near(run(EXTREME), jnp.array([0.0, 0.0, 1.0]))
        jax.effects_barrier()
        assert capfd.readouterr().out.split("\n")[:-1] == ["first 1.0", "second 1.0", "second 1.0"]


def test_references_are_written():
    reference = jax.new_ref(jnp.zeros(3))

    def program(target, x):
        target[...] = softmax(x)
        target[0] = 5.0
        return target[...] * 2

    assert_near(stable_function(program, shifted)(reference, EXTREME), jnp.array([10.0, 0.0, 2.0]))
    assert_near(reference[...], jnp.array([5.0, 0.0, 1.0]))


def test_tangents_of_integers():
    def program(n, x):
        return softmax(x)[n % 3] + 0.0 * n

    expected = jax.grad(program, (0, 1), allow_int=True)(1, MODERATE)
    found = stable_function(jax.grad(program, (0, 1), allow_int=True), twice_negated)(
        jnp.int32(1), MODERATE)  # fmt: skip
    assert found[0].dtype == expected[0].dtype == jax.dtypes.float0
    assert_near(found[1], expected[1])


def test_errors_of_the_function_come_through():
    def wrong(x):
        raise ValueError("of my own")

    with pytest.raises(ValueError, match="of my own"):
        stabilize(wrong)(EXTREME)
    with pytest.raises(jax.errors.TracerBoolConversionError):
        stabilize(lambda x: x if x[0] > 0 else -x)(EXTREME)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        stabilize(lambda x, y: x)(EXTREME)


def test_methods():
    class Model:
        scale = 0.0

        @stabilize
        def __call__(self, x):
            return softmax(x * self.scale)

    model = Model()
    assert_near(model(EXTREME), jnp.full(3, 1 / 3))


def test_shards():
    mesh = jax.make_mesh((1,), ("rows",), axis_types=(jax.sharding.AxisType.Auto,))
    spec = jax.sharding.PartitionSpec("rows")

    def local(x):
        return lax.psum(
            stable_function(lambda y: softmax(y) * lax.axis_size("rows"), shifted)(x), "rows"
        )

    run = jax.shard_map(local, mesh=mesh, in_specs=spec, out_specs=jax.sharding.PartitionSpec())
    assert_near(run(EXTREME), jnp.array([0.0, 0.0, 1.0]))


def test_exported_with_symbolic_sizes():
    (size,) = jax.export.symbolic_shape("n")
    stable = jax.jit(stable_function(softmax, shifted))
    exported = jax.export.export(stable)(jax.ShapeDtypeStruct((size, 3), jnp.float32))
    assert_near(exported.call(jnp.stack([EXTREME, EXTREME])), jnp.array([[0.0, 0.0, 1.0]] * 2))
