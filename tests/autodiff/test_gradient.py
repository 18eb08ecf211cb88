"""What grad and vjp promise: paths, cotangents, origins, order, cost."""

import inspect
import os
import subprocess
import sys

import numpy as np
from derivative_reference import evaluate

import rewriter as rw
from rewriter.autodiff import grad, vjp
from rewriter.autodiff.table import RULES, WITHOUT
from rewriter.graph import operators as o
from rewriter.graph.node import apply, topological
from rewriter.graph.primitive import primitives

WITHOUT_FLOAT_RESULT = {
    o.EQUAL, o.NOT_EQUAL, o.LESS, o.LESS_EQUAL, o.GREATER, o.GREATER_EQUAL,
    o.LOGICAL_AND, o.LOGICAL_OR, o.LOGICAL_NOT, o.ISFINITE, o.ISNAN,
}  # fmt: skip


def test_every_primitive_is_treated_once():
    leaves, calls = {o.INPUT, o.CONSTANT, o.IOTA}, {o.CALL, o.COMPONENT}
    own = set(RULES) & set(primitives())  # operators of a user's own have rules as well
    groups = [own, set(WITHOUT), WITHOUT_FLOAT_RESULT, leaves, calls]
    assert set().union(*groups) == set(primitives())
    assert sum(map(len, groups)) == len(primitives())


def test_derivative_is_zero_without_a_path():
    x, y = rw.input("x", ("n", 3), "float32"), rw.input("y", ("m",), "float16")
    stopped = (
        rw.sum(rw.stop_gradient(x)) + rw.sum(rw.floor(x)) + rw.sum(rw.astype(x > 0, "float32"))
    )
    for output in (stopped, rw.constant(2.0, "float32")):
        by_x, by_y = grad(output, [x, y])
        for node, shape, dtype in ((by_x, ("n", 3), "float32"), (by_y, ("m",), "float16")):
            assert node is rw.broadcast_to(rw.constant(0, dtype), shape)


def test_derivative_of_an_input_by_itself():
    x = rw.input("x", (), "float64")
    assert grad(x, [x, x]) == [rw.constant(1.0), rw.constant(1.0)]


def test_derivative_by_an_intermediate_value():
    x = rw.input("x", (), "float64")
    inner = rw.sin(x)
    (by_inner,) = grad(rw.exp(inner) * x, [inner])
    assert by_inner is x * rw.exp(inner)


def test_derivative_is_total_where_inputs_depend_on_each_other():
    x = rw.input("x", (), "float64")
    square = x * x
    by_x, by_square = grad(square * x, [x, square])
    assert evaluate([by_x, by_square], {x: 3.0}) == [27.0, 3.0]


def test_cotangent_weighs_the_output():
    x = rw.input("x", (3,), "float64")
    for weight in (rw.input("w", (3,), "float64"), rw.constant([1.0, 2.0, 3.0])):
        (dx,) = grad(rw.exp(x), [x], weight)
        assert dx is weight * rw.exp(x)
    (dx,) = grad(x * x, [x], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(evaluate([dx], {x: np.ones(3)})[0], [2, 4, 6])


def test_vjp_adds_up_over_outputs():
    x = rw.input("x", (2,), "float64")
    (dx,) = vjp([x * x, rw.sum(x), x], [x], [[1.0, 2.0], 10.0, [100.0, 200.0]])
    np.testing.assert_array_equal(evaluate([dx], {x: np.ones(2)})[0], [112, 214])


def test_nodes_off_the_path_are_not_differentiated():
    x, y = rw.input("x", (), "float64"), rw.input("y", (), "float64")
    opaque = rw.custom("unknown", lambda a: a, y, shape=(), dtype="float64")
    far = rw.custom("far", lambda a: a, x, shape=(), dtype="float64")
    beyond = rw.astype(rw.astype(far, "int32"), "float64")
    (dx,) = grad(x * opaque * beyond, [x])
    assert dx is beyond * opaque


def test_new_nodes_have_the_origin_of_what_they_differentiate():
    x = rw.input("x", ("n",), "float64")
    line = inspect.currentframe().f_lineno + 1
    value = rw.log(rw.sum(rw.tanh(x * 3)))
    (dx,) = grad(value, [x])
    known = set(topological([value]))
    made = [node for node in topological([dx]) if node not in known and node.operands]
    assert len(made) > 3
    assert {(node.origin.file, node.origin.line) for node in made} == {(__file__, line)}


def test_builder_has_its_own_origins_again_after_a_gradient():
    x = rw.input("x", ("a_dimension_of_this_test",), "float64")
    grad(rw.sum(rw.tan(x)), [x])
    node = rw.cosh(x)
    assert node.origin.line == inspect.currentframe().f_lineno - 1


def chain(x, length):
    """A chain of that many nodes."""
    value = x
    for step in range(length):
        value = rw.sin(value) if step % 2 else value * x
    return value


def test_chain_against_forward_mode():
    x = rw.input("x", (), "float64")
    value, derivative, length = 0.9, 1.0, 100
    for step in range(length):
        if step % 2:
            derivative, value = derivative * np.cos(value), np.sin(value)
        else:
            derivative, value = derivative * 0.9 + value, value * 0.9
    found = evaluate(grad(chain(x, length), [x]), {x: 0.9})
    np.testing.assert_allclose(found, [derivative], rtol=1e-12)


def test_long_chain_gives_a_graph_of_linear_size_without_recursion():
    x = rw.input("x", (), "float64")
    sizes = [sum(1 for _ in topological(grad(chain(x, n), [x]))) for n in (10**3, 3 * 10**4)]
    assert sizes[1] < 31 * sizes[0]
    assert sizes[1] > 3 * 10**4


def test_many_uses_of_one_node():
    x = rw.input("x", (), "float64")
    value = rw.sum(rw.stack([x * float(k) for k in range(1000)]))
    (dx,) = grad(value, [x])
    assert evaluate([dx], {x: 1.0}) == [999 * 500.0]


def test_derivative_of_softmax_is_the_textbook_pattern():
    x = rw.input("x", ("n",), "float32")
    e = rw.exp(x)
    s = rw.sum(e, axis=-1, keepdims=True)
    (dx,) = grad(rw.sum(e / s), [x])
    assert dx is (1 / s + rw.sum(-(e / s) / s, axis=-1, keepdims=True)) * e


def test_cotangent_of_one_is_not_multiplied_and_equal_shapes_are_not_summed():
    x, y = rw.input("x", ("n", "m"), "float64"), rw.input("y", ("n", "m"), "float64")
    assert grad(rw.sum(rw.exp(x)), [x]) == [rw.exp(x)]
    assert grad(rw.sum(x * y), [x, y]) == [y, x]
    (dx,) = grad(rw.sum(rw.log(x)), [x])
    assert dx is 1 / x
    (dy,) = grad(rw.sum(rw.sin(x) + y * x, axis=0), [y], rw.input("g", ("m",), "float64"))
    assert o.SUM not in {node.operator for node in topological([dy])}


def test_stopped_maximum_leaves_no_derivative_of_a_maximum():
    x = rw.input("x", ("n", "m"), "float32")
    e = rw.exp(x - rw.stop_gradient(rw.max(x, axis=-1, keepdims=True)))
    p = e / rw.sum(e, axis=-1, keepdims=True)
    (dx,) = grad(rw.sum(p * p), [x])
    operators = [node.operator for node in topological([dx])]
    assert operators.count(o.MAX) == 1
    assert o.EQUAL not in operators


def test_same_text_under_every_hash_seed():
    program = (
        "import rewriter as rw\n"
        "from rewriter.autodiff import grad\n"
        "x, y = rw.input('x', ('n', 3)), rw.input('y', (3,))\n"
        "z = rw.sum(rw.softmax(x * y + rw.tanh(y)) ** 2 / rw.cumsum(x))\n"
        "print(rw.Graph([x, y], grad(rw.sum(grad(z, [x])[0]), [x, y])))\n"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    assert len(texts) == 1
    assert "tanh" in texts.pop()


def call_with_body(name, operands, outputs, results=None):
    """An opaque call whose meaning is a graph of inputs named as the operands' places."""
    inputs = [rw.input(f"x{k}", x.shape, x.dtype) for k, x in enumerate(operands)]
    body = rw.Graph(inputs, outputs(*inputs))
    first = body.outputs[0]
    attributes = {
        "name": name, "function": np.add, "shape": first.shape, "dtype": first.dtype, "body": body
    }  # fmt: skip
    if results:
        attributes["results"] = tuple((node.shape, node.dtype) for node in body.outputs)
    return apply(o.CALL, operands, attributes)


def test_call_is_differentiated_through_its_body():
    x, y = rw.input("x1", ("n",), "float64"), rw.input("x0", ("n",), "float64")

    def body(a, b):
        return a * rw.exp(b)

    call = call_with_body("weigh", [rw.sin(x), y], body)
    found = grad(rw.sum(call * x), [x, y])
    truth = grad(rw.sum(body(rw.sin(x), y) * x), [x, y])
    values = {x: np.array([0.3, -1.0]), y: np.array([0.7, 0.2])}
    np.testing.assert_allclose(evaluate(found, values), evaluate(truth, values), rtol=1e-14)
    second = grad(rw.sum(found[0] * found[1]), [x, y])
    second_truth = grad(rw.sum(truth[0] * truth[1]), [x, y])
    np.testing.assert_allclose(evaluate(second, values), evaluate(second_truth, values), rtol=1e-14)


def test_call_with_one_operand_twice():
    x = rw.input("x", (), "float64")
    call = call_with_body("weigh", [x, x], lambda a, b: a * a * b)
    assert evaluate(grad(call, [x]), {x: 2.0}) == [12.0]


def test_call_inside_a_body():
    x = rw.input("x", (), "float64")
    call = call_with_body("outer", [x], lambda a: call_with_body("inner", [a * a], rw.exp) * a)
    np.testing.assert_allclose(evaluate(grad(call, [x]), {x: 0.5}), [1.5 * np.exp(0.25)])


def test_chain_of_calls():
    x = rw.input("x", (), "float64")
    value = x
    for _ in range(5000):
        value = call_with_body("step", [value], lambda a: a * 0.999 + rw.constant(0.001))
    np.testing.assert_allclose(evaluate(grad(value, [x]), {x: 1.0}), [0.999**5000], rtol=1e-10)


def test_call_with_several_results():
    x, y = rw.input("x", (3,), "float64"), rw.input("y", (3,), "float64")

    def body(a, b):
        return [rw.argmax(a), rw.sum(a * b), a / b]

    call = call_with_body("several", [x, y], body, results=True)
    results = [apply(o.COMPONENT, [call], {"index": k}) for k in range(3)]
    output = rw.sum(results[2] * results[1]) + rw.astype(results[0], "float64")
    index, total, quotient = body(x, y)
    truth = grad(rw.sum(quotient * total) + rw.astype(index, "float64"), [x, y])
    values = {x: np.array([1.0, 2.0, 3.0]), y: np.array([0.5, 0.7, 2.0])}
    found = evaluate(grad(output, [x, y]), values)
    np.testing.assert_allclose(found, evaluate(truth, values), rtol=1e-14)
    assert evaluate(grad(results[1] * 2, [x]), values)[0].tolist() == [1.0, 1.4, 4.0]
