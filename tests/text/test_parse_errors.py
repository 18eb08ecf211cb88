"""Text that is no graph: each mistake has its own error, which names the place and the culprit."""

from __future__ import annotations

import pytest
from sample_graphs import halved, x

import rewriter as rw
from rewriter.errors import (
    AttributeValueError,
    CycleError,
    DataTypeError,
    ParseError,
    RewriterError,
    ShapeError,
    UnknownOperatorError,
)
from rewriter.text.parsing import parse

HEAD = "graph(x: float32[n, 4], i: int64[n], s: float32):\n    "
NINES = "9" * 5000

# text, line and column, what is said, what is at fault
NOT_OF_THE_FORM = [
    ("", (1, 1), "expected 'graph(", "end of text"),
    ("foo", (1, 1), "expected 'graph' or 'constants'", "foo"),
    ("graph", (1, 6), "expected '(' before the inputs", "end of line"),
    ("graph(", (1, 7), "expected the name of an input", "end of line"),
    ("graph(return: int8):", (1, 7), "expected the name of an input", "return"),
    ("graph(x)", (1, 8), "expected ':' and the type of the input", ")"),
    ("graph(x: 3)", (1, 10), "expected a dtype", "3"),
    ("graph(x: float32[n)", (1, 19), "expected ']' after the dimensions", ")"),
    ("graph(x: float32[])\n", (1, 20), "expected ':' at the end", "end of line"),
    ("graph(x: float32[n+]):\n", (1, 18), "expected a dimension", "n+"),
    ("graph(x: float32[-3]):\n", (1, 18), "expected a dimension", "-3"),
    (f"graph(x: float32[{NINES}]):\n", (1, 18), "expected a dimension", "99999"),
    ("graph(x: int8, x: int8):\n return x", (1, 16), "two inputs have one name", "x"),
    ("graph(x: int8):\n    y = x\n", (3, 1), "expected a statement or 'return'", "end of text"),
    ('graph("\\q": int8):\n return', (1, 7), "no such escape", r'"\q"'),
    ("graph():\n return\ngraph():\n return", (3, 1), "exists already", "graph"),
    (HEAD + "return y", (2, 12), "no value has that name", "y"),
    (HEAD + "y = x +\n    return y", (2, 12), "expected an operand", "end of line"),
    (HEAD + "return x + * x", (2, 16), "expected an operand", "*"),
    (HEAD + "return x $ x", (2, 14), "expected a name, a number or a symbol", "$"),
    (HEAD + "return x x", (2, 14), "expected the end of the line", "x"),
    (HEAD + "return x)", (2, 13), "expected the end of the line", ")"),
    (HEAD + "return exp(x", (2, 17), "or ')', to end exp(…", "end of line"),
    (HEAD + "return (x, x)", (2, 14), "expected ')'", ","),
    (HEAD + "return float32", (2, 19), "expected '('", "end of line"),
    (HEAD + "return None", (2, 12), "expected an operand", "None"),
    (HEAD + "return x < x < x", (2, 18), "comparisons do not chain", "<"),
    (HEAD + "a = x\n    a = x\n    return a", (3, 5), "exists already", "a"),
    (HEAD + "x = i\n    return x", (2, 5), "exists already", "x"),
    (HEAD + "return 2", (2, 12), "a number needs a dtype", "2"),
    (HEAD + "return 2 + 3", (2, 12), "a number needs a dtype", "2"),
    (HEAD + "return gather(x, 7, axes=(0,))", (2, 22), "a number needs a dtype", "7"),
    (HEAD + "return exp()", (2, 12), "exp takes 1 operand", "0"),
    (HEAD + "return exp(x, x)", (2, 12), "exp takes 1 operand", "2"),
    (HEAD + "return where(x, x)", (2, 12), "where takes 3 operands", "2"),
    (HEAD + "return concatenate(axis=0)", (2, 12), "takes at least 1 operand", "0"),
    (HEAD + "return input(x)", (2, 12), "inputs stand in the first line", "input"),
    (HEAD + "return sum(x, axis=1, axis=1)", (2, 27), "given twice", "axis"),
    (HEAD + "return sum(x, axis=)", (2, 24), "expected a value", ")"),
    (HEAD + "return sum(x, axis=(1, 0)", (2, 30), "expected ',' or ')'", "end of line"),
    (HEAD + "return x[1, 2]", (2, 15), "expected ':' between the bounds", ","),
    (HEAD + "return x[:, ::0]", (2, 19), "a step is a positive integer", "0"),
    (HEAD + "return float32(1e400)", (2, 20), "larger than any float64", "1e400"),
    (HEAD + f"return int64({NINES})", (2, 18), "too many digits", "99999"),
    (HEAD + "return float32([1.0, [2.0]])", (2, 26), "rows beside numbers", "["),
    (HEAD + "return float32([[1.0], 2.0])", (2, 28), "numbers beside rows", "2.0"),
    (HEAD + "return float32([[1.0], [2.0, 3.0]])", (2, 37), "different lengths", "2 after 1"),
    (HEAD + 'return float32[2]("A!AA")', (2, 12), "not base64", "A!AA"),
    (HEAD + "return sum(x, axis=<lost>)", (2, 24), "no live object", "<lost>"),
    (HEAD + "convention <lost:3>\n    return x", (2, 16), "no live object", "<lost:3>"),
    (HEAD + "return sum(x, axis=<lost:z>)", (2, 30), "expected the number of an object", "z"),
    (HEAD + "return sum(x, axis=@lost)", (2, 24), "no graph has that name", "lost"),
    ("graph(s: int8) -> (int8, int8):\n    return s",
     (1, 26), "2 outputs are declared", "1 returned"),
    ("graph(A: int8):\n return A\nconstants:\n A = int8(1)", (1, 10), "exists already", "A"),
    ("graph():\n return\nconstants:\n A = 1", (4, 6), "a number needs a dtype", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "reason", "culprit"), NOT_OF_THE_FORM)
def test_text_that_does_not_parse(
    text: str, place: tuple[int, int], reason: str, culprit: str
) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text)
    line, column = place
    assert caught.value.reason.startswith(f"line {line}, column {column}: ")
    assert reason in caught.value.reason
    assert str(caught.value.culprit).startswith(culprit)


# text, the class of the error, line and column, what is at fault
NOT_A_GRAPH = [
    (HEAD + "return foo(x)", UnknownOperatorError, (2, 12), "foo"),
    (HEAD + "return exp(1 + softmaxx(x))", UnknownOperatorError, (2, 20), "softmaxx"),
    (HEAD + "return exp(i)", DataTypeError, (2, 12), "int64"),
    (HEAD + "return where(x, x, x)", DataTypeError, (2, 12), "float32"),
    (HEAD + "return s + i", DataTypeError, (2, 14), "float32 and int64"),
    (HEAD + "return astype(x, dtype=floot)", DataTypeError, (2, 12), "floot"),
    ("graph(x: floot32[n]):\n return x", DataTypeError, (1, 10), "floot32"),
    (HEAD + "return int8(300)", DataTypeError, (2, 12), "300"),
    (HEAD + "return int8(1.5)", DataTypeError, (2, 12), "1.5"),
    (HEAD + "return i + 1.5", DataTypeError, (2, 16), "1.5"),
    (HEAD + "return i + 9223372036854775808", DataTypeError, (2, 16), "9223372036854775808"),
    (HEAD + "return bool(1)", DataTypeError, (2, 12), "1"),
    (HEAD + "return float32(True)", DataTypeError, (2, 12), "True"),
    (HEAD + "return float32([1.0, -1e300])", DataTypeError, (2, 12), "-1e+300"),
    (HEAD + "return float16(65520.0)", DataTypeError, (2, 12), "65520.0"),
    (HEAD + "a: int32[n, 4] = x\n    return a", DataTypeError, (2, 8), "it is float32[n, 4]"),
    ("graph(s: int8) -> bool:\n    return s", DataTypeError, (1, 19), "it is int8"),
    (HEAD + "a: float32[n] = x\n    return a", ShapeError, (2, 8), "it is float32[n, 4]"),
    (HEAD + "a = s\n    return x +\\\n  i", ParseError, (3, 15), "\\"),
    (HEAD + "a = s\n    return reshape(x, shape=(n, 5))", ShapeError, (3, 12), "(n, 5)"),
    (HEAD + "return x + float32([1.0])[:] + float32([1.0, 2.0])",
     ShapeError, (2, 34), "4 against 2"),
    (HEAD + "return x[1:]", ShapeError, (2, 17), "1"),
    (HEAD + 'return float32[2]("AAAA")', ShapeError, (2, 12), "3 bytes"),
    (HEAD + "return float32[n](0.0)", ShapeError, (2, 12), "n"),
    (HEAD + "return float32[0](0.0)", ShapeError, (2, 12), "0.0"),
    (HEAD + "return float32[2]([1.0, 2.0, 3.0])", ShapeError, (2, 12), "(2,)"),
    (HEAD + "return float32[999999999999999](0.0)", ShapeError, (2, 12), "(999999999999999,)"),
    (HEAD + "return reshape(x, shape=(1.5, 2))", ShapeError, (2, 12), "1.5"),
    (HEAD + "return pad(x, 0.0, low=(1,))", ShapeError, (2, 12), "((1,), (0, 0), (0, 0))"),
    (HEAD + "return pad(x, 0.0, low=(1, -2))", ShapeError, (2, 12), "-2"),
    (HEAD + "return sum(x, axis=2)", AttributeValueError, (2, 12), "2"),
    (HEAD + "return sum(x, axis=foo)", AttributeValueError, (2, 12), "foo"),
    (HEAD + "return sum(x, axsi=1)", AttributeValueError, (2, 12), "axsi"),
    (HEAD + "return sum(x, keepdims=3)", AttributeValueError, (2, 12), "3"),
    (HEAD + "return cumsum(x)", AttributeValueError, (2, 12), "axis"),
    (HEAD + "return transpose(x, axes=(0, 0))", AttributeValueError, (2, 12), "(0, 0)"),
    (HEAD + "return x[:, :5]", AttributeValueError, (2, 20), "5"),
    (HEAD + "return x[:, 3:2]", AttributeValueError, (2, 21), "(3, 2)"),
    (HEAD + "return einsum(x, spec=ab)", AttributeValueError, (2, 12), "ab"),
    (HEAD + "return component(x, index=0)", AttributeValueError, (2, 12), "0"),
    (HEAD + "return call(x, name=f, function=3, shape=(), dtype=bool)",
     AttributeValueError, (2, 12), "3"),
    (HEAD + "return gather(x, i, axes=(0,), mode=wrap)", AttributeValueError, (2, 12), "wrap"),
    (HEAD + "a = exp(b)\n    b = log(c)\n    c = -a\n    return s",
     CycleError, (2, 5), "a -> b -> c -> a"),
    (HEAD + "z = s\n    a = a\n    return z", CycleError, (3, 5), "a -> a"),
    (HEAD + "z = a\n    a = b\n    b = a\n    return z", CycleError, (3, 5), "a -> b -> a"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "error", "place", "culprit"), NOT_A_GRAPH)
def test_text_of_the_form_that_describes_no_graph(
    text: str, error: type[RewriterError], place: tuple[int, int], culprit: str
) -> None:
    with pytest.raises(RewriterError) as caught:
        parse(text)
    assert type(caught.value) is error
    line, column = place
    assert caught.value.reason.startswith(f"line {line}, column {column}: ")
    assert str(caught.value.culprit).endswith(culprit)
    assert culprit in str(caught.value)


def test_graphs_that_need_each_other() -> None:
    call = rw.custom("halved", halved, x, shape=(), dtype="int8")
    said = "call(name=halved, function=<halved>, shape=(), dtype=int8, body=@"
    first = f"graph():\n return {said}a)\n"
    text = f"{first}graph @a():\n return {said}b)\ngraph @b():\n return {said}a)\n"
    with pytest.raises(CycleError) as caught:
        parse(text)
    assert caught.value.reason.startswith("line 3, column 1: ")
    assert caught.value.culprit == "@a -> @b -> @a"
    del call


def test_a_long_cycle_is_found_without_recursion() -> None:
    steps = 20_000
    lines = [f"    v{k} = exp(v{(k + 1) % steps})" for k in range(steps)]
    with pytest.raises(CycleError) as caught:
        parse("\n".join(["graph():", *lines, "    return v0"]))
    assert str(caught.value.culprit).startswith("v0 -> v1 -> v2")
    assert str(caught.value.culprit).endswith(f"v{steps - 1} -> v0")


@pytest.mark.parametrize("opening", ["(", "[", "exp(", "float32([", "-", "x ** ", "~("])
def test_deep_text_that_does_not_end(opening: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(HEAD + "return " + opening * 30_000)
    assert "line 2, column" in caught.value.reason


def test_deep_values_that_do_not_end() -> None:
    for opening in ("(", "((1, "):
        with pytest.raises(ParseError, match="end of line"):
            parse(HEAD + "return sum(x, axis=" + opening * 30_000)
    with pytest.raises(ParseError, match="end of line"):
        parse(HEAD + "return float32(" + "[" * 30_000)


def test_nothing_in_a_text_is_evaluated(capsys: pytest.CaptureFixture[str]) -> None:
    for hostile in (
        "__import__('os')",
        "(lambda: 1)()",
        "print(x)",
        "eval(x)",
        "x.sum()",
        "f'{x}'",
    ):
        with pytest.raises(RewriterError):
            parse(HEAD + "return " + hostile)
    assert capsys.readouterr().out == ""
