"""From what a section says to its graph: statements in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rewriter.errors import CycleError, DataTypeError, RewriterError, ShapeError
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, make_node
from rewriter.text.evaluation import Evaluator
from rewriter.text.literals import type_text
from rewriter.text.order import in_order
from rewriter.text.syntax import Code, Reference, Section, Type
from rewriter.text.tokens import Source


class Builder:
    """Makes the nodes of one section.

    Args:
        source: the text, for messages.
        section: what it says.
        constants: the values of names that the whole text shares.
        graphs: the graphs of the text that are built already, by name.
    """

    def __init__(
        self,
        source: Source,
        section: Section,
        constants: Mapping[str, Node],
        graphs: Mapping[str | None, Graph],
    ) -> None:
        self._source = source
        self._section = section
        self._values = dict(constants)
        self._evaluator = Evaluator(source, self._values, graphs)

    def graph(self) -> Graph:
        """Return the graph that the section describes.

        Raises:
            RewriterError: it describes none; the reason names the line.
        """
        section = self._section
        self._check_names()
        inputs = [self._input(name, kind) for name, kind in section.inputs]
        self.values()
        outputs = [self._output(code) for code in section.outputs or ()]
        if section.types is not None:
            self._check_outputs(outputs, section.types)
        try:
            return Graph(inputs, outputs, section.convention)
        except RewriterError as error:
            raise self._source.located(error, section.token) from error

    def values(self) -> dict[str, Node]:
        """Return the values of all names; only a section without inputs needs no graph for that.

        Raises:
            RewriterError: a statement has none; the reason names the line.
        """
        self._build(self._section.statements)
        return self._values

    def _check_names(self) -> None:
        """Refuse inputs and statements that have the name of a constant."""
        section = self._section
        tokens = {name: kind.token for name, kind in section.inputs}
        tokens.update((name, statement.token) for name, statement in section.statements.items())
        for name, token in tokens.items():
            if name in self._values:
                self._source.refuse(token, "a constant of that name exists already", name)

    def _input(self, name: str, kind: Type) -> Node:
        attributes = (("dtype", kind.dtype), ("name", name), ("shape", kind.shape))
        origin = self._evaluator.origin(kind.token)
        node = make_node(o.INPUT, (), attributes, kind.shape, kind.dtype, origin)
        self._values[name] = node
        return node

    # Statements ----------------------------------------------------------------------------------
    def _build(self, names: Iterable[str]) -> None:
        for name in in_order(names, self._needs, self._cycle):
            statement = self._section.statements[name]
            node = self._evaluator.evaluate(statement.code)
            if statement.type is not None:
                self._check_type(node, statement.type, name)
            self._values[name] = node

    def _needs(self, name: str) -> Iterator[str]:
        return self._references(self._section.statements[name].code)

    def _references(self, code: Code) -> Iterator[str]:
        for instruction in code:
            if isinstance(instruction, Reference) and instruction.name not in self._values:
                if instruction.name not in self._section.statements:
                    reason = "no value has that name"
                    self._source.refuse(instruction.token, reason, instruction.name)
                yield instruction.name

    def _cycle(self, names: Sequence[str]) -> RewriterError:
        error = CycleError("statements need each other", culprit=" -> ".join(names))
        return self._source.located(error, self._section.statements[names[0]].token)

    def _output(self, code: Code) -> Node:
        self._build(self._references(code))
        return self._evaluator.evaluate(code)

    # Types ---------------------------------------------------------------------------------------
    def _check_outputs(self, outputs: Sequence[Node], types: Sequence[Type]) -> None:
        if len(outputs) != len(types):
            token = types[-1].token if types else self._section.token
            reason = f"{len(types)} outputs are declared"
            self._source.refuse(token, reason, f"{len(outputs)} returned")
        for number, (node, kind) in enumerate(zip(outputs, types, strict=True), 1):
            self._check_type(node, kind, f"output {number}")

    def _check_type(self, node: Node, kind: Type, name: str) -> None:
        if node.shape == kind.shape and node.dtype == kind.dtype:
            return
        wrong = DataTypeError if node.dtype != kind.dtype else ShapeError
        reason = f"{name} is declared {type_text(kind.shape, kind.dtype)}"
        error = wrong(reason, culprit=f"it is {type_text(node.shape, node.dtype)}")
        raise self._source.located(error, kind.token)
