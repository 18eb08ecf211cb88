"""Writes random programs: templates filled with values that are at hand, kept if JAX takes them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from fuzzing.modes import MODES
from fuzzing.program import Program, example, namespace
from fuzzing.templates import (
    BASES,
    INDICES,
    NUMBERS,
    OF_CONDITIONS,
    OF_FLOATS,
    OF_INTEGERS,
    OUT_OF_RANGE,
    PADDINGS,
    TYPES,
)

__all__ = ["random_program"]

SHAPES = ((3,), (4,), (2, 3), (1, 3), (2, 2), (2, 1, 3))
DTYPES = ("float64", "float64", "float64", "float32", "float32", "float32", "float16", "bfloat16")
LARGEST = 64
"""Elements of the largest array that a line may make."""
RECENT = 4
"""How many of the last values of a kind are chosen from."""
ATTEMPTS = 60


@dataclass(frozen=True)
class Value:
    """A name in the program: "float", "integer" or "bool" numbers, and their shape."""

    name: str
    kind: str
    shape: tuple[int, ...]


@dataclass
class Writer:
    """Writes the lines of one program.

    Attributes:
        random: the source of every choice.
        shape: of the program's input.
        dtype: of the program's input.
    """

    random: random.Random
    shape: tuple[int, ...]
    dtype: str
    lines: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.values += [
            Value("labels", "integer", self.shape[-1:]),
            Value("mask", "bool", self.shape),
            Value("x", "float", self.shape),
        ]

    def try_line(self, expression: str) -> bool:
        """Add a line, if JAX takes it and what it makes is not too large."""
        name = f"a{len(self.lines)}"
        text = "\n".join([*self.lines, f"{name} = {expression}"])

        def run(x, labels, mask):
            names = namespace() | {"x": x, "labels": labels, "mask": mask}
            exec(text, names)
            return jnp.asarray(names[name])

        x = jax.ShapeDtypeStruct(self.shape, self.dtype)
        try:
            made = jax.eval_shape(run, x, *example(self.shape))
        except Exception:
            return False
        if np.prod(made.shape) > LARGEST or len(made.shape) > 3:
            return False
        self.lines.append(f"{name} = {expression}")
        self.values.append(Value(name, kind_of(made.dtype), tuple(made.shape)))
        return True

    def any(self, kind: str) -> Value:
        """One of the last values of a kind."""
        return self.random.choice([v for v in self.values if v.kind == kind][-RECENT:])


def kind_of(dtype: Any) -> str:
    """Return "float", "bool" or "integer"."""
    if jnp.issubdtype(dtype, jnp.floating):
        return "float"
    return "bool" if jnp.issubdtype(dtype, jnp.bool_) else "integer"


class Blanks(dict[str, str]):
    """What stands in the blanks of a template, chosen where a template asks for it.

    Args:
        writer: whose values are chosen from.
    """

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self.writer = writer
        self.random = writer.random
        self.first = writer.any("float")

    def __missing__(self, blank: str) -> str:
        self[blank] = filled = getattr(self, f"_{blank}")()
        return filled

    def _a(self) -> str:
        return self.first.name

    def _b(self) -> str:
        return self.writer.any("float").name

    def _i(self) -> str:
        return self.writer.any("integer").name

    def _j(self) -> str:
        return self.writer.any("integer").name

    def _m(self) -> str:
        return self.writer.any("bool").name

    def _n(self) -> str:
        return self.writer.any("bool").name

    def _axis(self) -> str:
        return str(self.random.randrange(max(len(self.first.shape), 1)))

    def _kept(self) -> str:
        """A reduction's axis, kept."""
        return f"axis={self['axis']}, keepdims=True"

    def _over(self) -> str:
        """A reduction's axis, kept or not."""
        return f"axis={self['axis']}, keepdims={self.random.choice((True, False))}"

    def _shape(self) -> str:
        return str(self.first.shape)

    def _size(self) -> str:
        return str(self.first.shape[-1] if self.first.shape else 2)

    def _rank(self) -> str:
        return str(len(self.first.shape))

    def _number(self) -> str:
        return self.random.choice(NUMBERS)

    def _small(self) -> str:
        return self.random.choice(("0", "1", "-1", "2"))

    def _end(self) -> str:
        return self.random.choice(("0", "-1"))

    def _base(self) -> str:
        return self.random.choice(BASES)

    def _index(self) -> str:
        return self.random.choice(INDICES)

    def _mode(self) -> str:
        return self.random.choice(OUT_OF_RANGE)

    def _truth(self) -> str:
        return self.random.choice(("True", "False"))

    def _type(self) -> str:
        return self.random.choice(TYPES)

    def _integer(self) -> str:
        return self.random.choice(("int8", "int32", "int64", "uint8"))

    def _update(self) -> str:
        return self.random.choice(("add", "set", "max", "multiply"))

    def _padding(self) -> str:
        return ", ".join(self.random.choice(PADDINGS) for _ in self.first.shape)

    def _floats(self) -> str:
        return f"np.array({self._array((0, 1, 0.5, -2))}, {self.first.name}.dtype)"

    def _logits(self) -> str:
        text = self._array((0, 0, 1, float("-inf"))).replace("-inf", "-np.inf")
        return f"np.array({text}, {self.first.name}.dtype)"

    def _bools(self) -> str:
        return f"np.array({self._array((True, False))})"

    def _integers(self) -> str:
        return f"np.array({[self.random.choice((0, 1, 2, -1, 5, -4)) for _ in range(3)]})"

    def _array(self, numbers: tuple[Any, ...]) -> str:
        shape = self.first.shape
        chosen = [self.random.choice(numbers) for _ in range(int(np.prod(shape)))]
        return str(np.reshape(chosen, shape).tolist())


def step(writer: Writer) -> bool:
    """Add a line; False where JAX takes none of what was tried."""
    tables, weights = zip(*(OF_FLOATS + OF_INTEGERS + OF_CONDITIONS), strict=True)
    for _ in range(ATTEMPTS):
        table = writer.random.choices(tables, weights)[0]
        if writer.try_line(writer.random.choice(table).format_map(Blanks(writer))):
            return True
    return False


def random_program(seed: int) -> Program:
    """Return the program of a seed."""
    source = random.Random(seed)
    writer = Writer(source, source.choice(SHAPES), source.choice(DTYPES))
    for _ in range(source.randrange(3, 9)):
        step(writer)
    floats = [v.name for v in writer.values if v.kind == "float"]
    outputs = [floats[-1], *(source.choice(floats) for _ in range(source.randrange(2)))]
    mode = source.choice(tuple(MODES))
    unique = tuple(dict.fromkeys(outputs))
    return Program(seed, tuple(writer.lines), unique, writer.shape, writer.dtype, mode)
