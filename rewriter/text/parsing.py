"""``parse``: graph text back to the graph, the very same object where it is still alive.

Nothing in the text is evaluated as Python, statements may stand in any order, and every refusal
names line, column and culprit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rewriter.errors import CycleError, RewriterError
from rewriter.graph.graph import Graph
from rewriter.text.building import Builder
from rewriter.text.formulas import Formula
from rewriter.text.order import in_order
from rewriter.text.reader import Reader
from rewriter.text.syntax import Application, Code, GraphName, Section, Statement, Type
from rewriter.text.tokens import Source


def parse(text: str, objects: Mapping[str, Any] | None = None) -> Graph:
    """Return the graph that a text describes; ``parse(str(graph)) is graph``.

    Args:
        text: what ``str(graph)`` gives, or text of that form written by hand.
        objects: functions of opaque calls and conventions of importers, by the name that stands in
            ``<…>``; those that are alive in this process are found without.

    Raises:
        ParseError: the text is not of that form; the reason names line and column.
        UnknownOperatorError: an operator that does not exist.
        CycleError: statements, or graphs, that need each other in a circle.
        ShapeError, DataTypeError, AttributeValueError: an operation that its operands do not allow.
    """
    document = _Document(Source(text), objects or {})
    document.read()
    return document.graph()


class _Document:
    def __init__(self, source: Source, objects: Mapping[str, Any]) -> None:
        self._source = source
        self._reader = Reader(source, objects)
        self._sections: dict[str | None, Section] = {}
        self._constants: dict[str, Statement] = {}

    # Reading -------------------------------------------------------------------------------------
    def read(self) -> None:
        """Read all sections."""
        reader = self._reader
        while reader.token.kind != "end":
            token = reader.token
            if token.kind == "name" and token.text == "graph":
                self._graph()
            elif token.kind == "name" and token.text == "constants":
                self._constant_section()
            else:
                reader.fail("'graph' or 'constants'")
        if None not in self._sections:
            reader.fail("'graph(…) -> …:'")

    def _graph(self) -> None:
        reader = self._reader
        token = reader.take()
        name = reader.name("the name of a graph") if reader.accept("@") else None
        if name in self._sections:
            self._source.refuse(token, "a graph of that name exists already", name or "graph")
        section = self._sections[name] = Section(name, token)
        reader.expect("(", " before the inputs")
        while not reader.at(")"):
            self._input(section)
            if not reader.accept(","):
                break
        reader.expect(")", " after the inputs")
        if reader.accept("->"):
            section.types = list(self._types())
        reader.expect(":", " at the end of the first line of a graph")
        reader.end_line()
        self._body(section)

    def _input(self, section: Section) -> None:
        reader = self._reader
        token = reader.token
        name = reader.name("the name of an input")
        reader.expect(":", " and the type of the input")
        if any(name == other for other, _ in section.inputs):
            self._source.refuse(token, "two inputs have one name", name)
        section.inputs.append((name, reader.type()))

    def _types(self) -> Iterator[Type]:
        reader = self._reader
        if not reader.accept("("):
            yield reader.type()
            return
        while not reader.at(")"):
            yield reader.type()
            if not reader.accept(","):
                break
        reader.expect(")", " after the types of the outputs")

    def _body(self, section: Section) -> None:
        reader = self._reader
        names = {name for name, _ in section.inputs}
        while section.outputs is None:
            token = reader.token
            if token.kind == "name" and token.text == "return":
                reader.take()
                section.outputs = self._results()
            elif token.kind == "name" and token.text == "convention":
                reader.take()
                section.convention = reader.value()
            else:
                statement = self._statement("a statement or 'return'")
                if statement.name in names:
                    self._source.refuse(
                        token, "a value of that name exists already", statement.name
                    )
                names.add(statement.name)
                section.statements[statement.name] = statement
            reader.end_line()

    def _results(self) -> list[Code]:
        reader = self._reader
        if reader.token.kind in ("newline", "end"):
            return []
        results = [Formula(reader).read()]
        while reader.accept(","):
            results.append(Formula(reader).read())
        return results

    def _statement(self, expected: str) -> Statement:
        reader = self._reader
        token = reader.token
        name = reader.name(expected)
        kind = reader.type() if reader.accept(":") else None
        reader.expect("=", " after the name of a value")
        return Statement(name, kind, Formula(reader).read(), token)

    def _constant_section(self) -> None:
        reader = self._reader
        reader.take()
        reader.expect(":")
        reader.end_line()
        while reader.token.kind != "end" and reader.token.text != "graph":
            statement = self._statement("the name of a constant")
            if statement.name in self._constants:
                self._source.refuse(
                    statement.token, "a constant of that name exists already", statement.name
                )
            self._constants[statement.name] = statement
            reader.end_line()

    # Building ------------------------------------------------------------------------------------
    def graph(self) -> Graph:
        """Return the graph that has no name."""
        graphs: dict[str | None, Graph] = {}
        shared = Section(None, self._reader.token, statements=self._constants)
        constants = Builder(self._source, shared, {}, {}).values()
        for name in in_order([None, *self._sections], self._needs, self._cycle):
            builder = Builder(self._source, self._sections[name], constants, graphs)
            graphs[name] = builder.graph()
        return graphs[None]

    def _needs(self, name: str | None) -> Iterator[str | None]:
        section = self._sections[name]
        codes = [statement.code for statement in section.statements.values()]
        for code in [*codes, *(section.outputs or ())]:
            for instruction in code:
                for value in (
                    instruction.attributes.values() if isinstance(instruction, Application) else ()
                ):
                    if isinstance(value, GraphName):
                        if value.name not in self._sections:
                            self._source.refuse(value.token, "no graph has that name", value.name)
                        yield value.name

    def _cycle(self, names: Sequence[str | None]) -> RewriterError:
        error = CycleError(
            "graphs need each other", culprit=" -> ".join(f"@{name}" for name in names)
        )
        return self._source.located(error, self._sections[names[0]].token)
