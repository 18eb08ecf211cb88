"""Rebuilding: new nodes for those that have a hazard, operands first.

Replaced nodes with an exponential of the same tensors in common form a cluster, built together, so
that they share what they compute. It is built once over placeholders; clusters that are alike are
copies of that template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rewriter.engine.building.builder import Builder
from rewriter.engine.building.comparisons import looks_at, which_is_larger
from rewriter.engine.building.labelled import keep_dimensions
from rewriter.engine.building.maxima import at_any_index
from rewriter.engine.building.quotients import with_quotients
from rewriter.engine.building.sharing import Shared
from rewriter.engine.entry import Entry
from rewriter.engine.result import Result, Step
from rewriter.engine.selected import selected_away
from rewriter.facts.interval import Interval
from rewriter.facts.ranges import range_of, refine
from rewriter.graph import operations as op
from rewriter.graph import operators as o
from rewriter.graph.node import Node, make_node, topological, with_operands
from rewriter.graph.origin import Origin, origin_of
from rewriter.graph.primitive import Kind, Primitive
from rewriter.terms.algebra import plain
from rewriter.terms.functions import maximum_in, unsupported
from rewriter.terms.naming import definition_of
from rewriter.terms.pairing import pair
from rewriter.terms.reading import free_axes
from rewriter.terms.term import Application, Combination, Element, Product, Term
from rewriter.terms.traversal import nodes_in, parts_of


def _given(operands: Sequence[Node], attributes: Mapping[str, Any]) -> tuple[Any, str]:
    return attributes["shape"], attributes["dtype"]


CANCELLATION = "cancellation"
"""What made a node that no law but the normal form accounts for."""

PLACEHOLDER = Primitive("placeholder", Kind.LEAF, _given)
"""Stands for a tensor that a template reads."""


class Cluster:
    """Replaced nodes that share an exponential, operands first."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.template: Template | None = None
        self.copied: dict[Node, Node] = {}

    def key(self, selected: frozenset[Node]) -> Any:
        """Return what alike clusters have in common.

        Also the order of the names that they read, and which of these are selected away.
        """
        places: dict[Node, int] = {}
        parts: list[Any] = []
        for entry in self.entries:
            if entry.reading is None or entry.outcome.paths is None:
                return self  # like no other
            number, leaves = entry.reading
            order = [places.setdefault(leaf, len(places)) for leaf in leaves]
            parts.append((number, entry.shelter is not None, *order))
        names = [str(leaf.attribute("name") or "~" + leaf.operator.name) for leaf in places]
        ranks = {name: rank for rank, name in enumerate(sorted(set(names)))}
        away = tuple(leaf in selected for leaf in places)
        return tuple(parts), tuple(ranks[name] for name in names), away

    def reads(self, position: int) -> list[tuple[Node, Node]]:
        """(placeholder, node) of all that is read for an entry, by what it shares too."""
        assert self.template is not None
        holes = self.template.holes[position]
        return [(hole, self.entries[other].reads[place]) for hole, other, place in holes]

    def copy(self, position: int, made: Mapping[Node, Node]) -> Node:
        """Return what the entry at a position becomes, where all that it reads is made."""
        assert self.template is not None
        copied = self.copied
        for placeholder, node in self.reads(position):
            copied[placeholder] = made[node]
        program = self.template.programs[position]
        for node in program:
            if node not in copied:
                copied[node] = self._copied(node)
        return copied[program[-1]]

    def _copied(self, node: Node) -> Node:
        assert node.operator is not PLACEHOLDER, "a template reads what its entry does not"
        operands = tuple(self.copied[operand] for operand in node.operands)
        if operands == node.operands:
            return node
        line = self.entries[node.origin.line].node.origin
        origin = Origin(line.file, line.line, node.origin.rule)
        if node.operator is o.RESHAPE and node.operands[0].operator is PLACEHOLDER:
            with origin_of(origin):
                return keep_dimensions(operands[0], node.shape)
        parts = (node.operator, operands, node.attributes, node.shape, node.dtype)
        return make_node(*parts, origin=origin)


class Template:
    """What a cluster becomes, over placeholders for what it reads.

    Attributes:
        holes: for each entry, (placeholder, position of an entry, which of its reads) of each
            that occurs in what it becomes; what an earlier entry built may be shared.
        programs: for each entry, all nodes of what it becomes, operands first; of each the
            origin's line is the position of the entry that it is first built for.
        own: an entry reads what those that are alike do not; the template is for none of them.
    """

    def __init__(self, entries: Sequence[Entry], selected: frozenset[Node]) -> None:
        beyond = [entry for entry in entries if entry.reads_what_others_do_not()]
        self.own = bool(beyond)
        reads = [entry.reads for entry in entries]
        standing = _placeholders(node for nodes in reads for node in nodes)
        terms = [entry.scaled.term for entry in entries if entry.scaled is not None]
        guarded = _shifts_to_guard(terms)
        shared: dict[tuple[str, bool], Shared] = {}
        self.programs: list[list[Node]] = []
        for position, (entry, term) in enumerate(zip(entries, terms, strict=True)):
            axes = free_axes(entry.node)
            key = entry.dtype, entry.shelter is not None
            known = shared.setdefault(key, Shared())
            meaning = entry.region.meaning_at
            builder = Builder(standing.__getitem__, axes, entry.dtype, guarded, known,
                              meaning=meaning, shelter=entry.shelter,
                              selected=selected,
                              is_written=entry.region.written.have)  # fmt: skip
            with origin_of(Origin(None, position, _law(entry))):
                full = builder.combination(with_quotients(term)).full(axes)
                after = op.astype(op.reshape(full, entry.node.shape), entry.node.dtype)
            self.programs.append(list(topological([after])))
        places: dict[Node, tuple[Node, int, int]] = {}
        for other, nodes in enumerate(reads):
            for place, node in enumerate(nodes):
                places.setdefault(standing[node], (standing[node], other, place))
        self.holes = [[places[n] for n in program if n in places] for program in self.programs]


def _placeholders(nodes: Iterable[Node]) -> dict[Node, Node]:
    """Return what stands for each node: constants stand for themselves."""
    template = object()
    found: dict[Node, Node] = {}
    for node in nodes:
        if node not in found:
            attributes = (("dtype", node.dtype), ("place", len(found)), ("shape", node.shape),
                          ("template", template))  # fmt: skip
            constant = node.operator is o.CONSTANT
            found[node] = node if constant else make_node(
                PLACEHOLDER, (), attributes, node.shape, node.dtype, Origin()
            )  # fmt: skip
    return found


def _law(entry: Entry) -> str:
    matches = entry.scaled.evidence.matches if entry.scaled is not None else []
    return matches[0].rule.name if matches else CANCELLATION


def _shifts_to_guard(terms: Iterable[Combination]) -> frozenset[frozenset[Node]]:
    """The shifts that may be -inf though what they shift is not alone, so that 0 is to shift it.

    They stand alone in some term or exponent, or are one of the values that a maximum is taken of;
    at whatever indices.
    """
    found: set[frozenset[Node]] = set()
    for term in terms:
        beside = list(pair(term).rest.products)
        for part in parts_of(term):
            if isinstance(part, Application) and part.operator is o.MAXIMUM:
                values = (unsupported(argument)[0] for argument in part.arguments)
                beside += [product for value in values for product in value.products]
            if isinstance(part, Product):
                beside += pair(part.exponent).rest.products
        found.update(map(at_any_index, _maxima_among(beside)))
    return frozenset(found)


def _maxima_among(products: Iterable[Product]) -> Iterator[Term]:
    for product in products:
        for base, _ in product.factors:
            if isinstance(base, (Application, Element)) and maximum_in(base) is not None:
                meant = definition_of(base.node) if isinstance(base, Element) else None
                yield base if meant is None else plain(meant)


class Rebuilder:
    """Makes new nodes, operands first, without recursing over the graph's depth.

    Args:
        replaced: the entries to rebuild, operands first.
        result: takes the steps.
        named: some terms have named pieces.
    """

    def __init__(self, replaced: Sequence[Entry], result: Result, named: bool) -> None:
        self.result = result
        self.selected = selected_away(result.before.outputs)
        self.pieces: dict[str, Shared] = {}
        terms = [e.scaled.term for e in replaced if e.scaled is not None] if named else []
        self.guarded = _shifts_to_guard(terms)
        shelters = [entry.shelter for entry in replaced]
        self.shelter = shelters[0] if None not in shelters else None
        self.made: dict[Node, Node] = {}
        self.templates: dict[Any, Template] = {}
        self.places = {
            entry.node: (cluster, position)
            for cluster in _clusters(replaced)
            for position, entry in enumerate(cluster.entries)
        }

    def node(self, root: Node) -> Node:
        """Return what a node becomes."""
        stack = [root]
        while stack:
            node = stack[-1]
            if node in self.made:
                stack.pop()
                continue
            meant = definition_of(node) if node.operator is o.INPUT else None
            place, below = self._source(node) if meant is None else (None, nodes_in(meant))
            waiting = [p for p in below if p not in self.made]
            if waiting:
                stack.extend(waiting)
                continue
            if meant is not None:
                self.made[node] = self._piece(node, meant)
            else:
                self.made[node] = (
                    self._same_operation(node) if place is None else self._copy(*place)
                )
            stack.pop()
        return self.made[root]

    def _source(self, node: Node) -> tuple[tuple[Cluster, int] | None, Sequence[Node]]:
        """The entry that a node is rebuilt from, and what is to be made before it is.

        None of an entry that reads the node itself.
        """
        place = self.places.get(node)
        reads = [] if place is None else self._reads(*place)
        return (None, looks_at(node)) if place is None or node in reads else (place, reads)

    def _same_operation(self, node: Node) -> Node:
        operands = tuple(self.made[p] for p in node.operands)
        asked = None if operands == node.operands else which_is_larger(node)
        if asked is not None:
            operator, *sides = asked
            compared = tuple(self.made[side] for side in sides)
            return make_node(operator, compared, (), node.shape, node.dtype, origin=node.origin)
        if node.operator is o.RESHAPE and operands != node.operands:
            return keep_dimensions(operands[0], node.shape)
        return with_operands(node, operands)

    def _piece(self, node: Node, meant: Combination) -> Node:
        """Build what a named piece stands for."""
        axes = free_axes(node)
        shared = self.pieces.setdefault(node.dtype, Shared())
        builder = Builder(self.made.__getitem__, axes, node.dtype, self.guarded, shared, True,
                          shelter=self.shelter, selected=self.selected)  # fmt: skip
        with origin_of(Origin(None, 0, CANCELLATION)):
            return op.reshape(builder.combination(with_quotients(meant)).full(axes), node.shape)

    def _reads(self, cluster: Cluster, position: int) -> list[Node]:
        """Return what is to be made before an entry of a cluster is."""
        if cluster.template is None:
            key = cluster.key(self.selected)
            known = self.templates.get(key) or Template(cluster.entries, self.selected)
            if not known.own:
                self.templates[key] = known
            cluster.template = known
        return [node for _, node in cluster.reads(position)]

    def _copy(self, cluster: Cluster, position: int) -> Node:
        entry = cluster.entries[position]
        after = cluster.copy(position, self.made)
        if after is not entry.node:
            _bound_alike(after, entry.node)
            self.result.steps.append(Step(entry.node, after, entry.hazard, [], entry, entry.region))
        return after


def _bound_alike(after: Node, before: Node) -> None:
    """Record that what is rebuilt is bounded as it was; where nothing looks it may be 0."""
    known = range_of(before)
    refine(after, Interval(min(known.low, 0.0), max(known.high, 0.0)))


def _clusters(entries: Iterable[Entry]) -> list[Cluster]:
    """Return the entries joined by the exponentials that they have in common."""
    leaders: dict[Any, Any] = {}

    def leader(root: Any) -> Any:
        while leaders.setdefault(root, root) is not root:
            root = leaders[root]
        return root

    for entry in entries:
        first = leader(entry.node)
        for root in entry.roots:
            leaders[leader(root)] = first
    groups: dict[Any, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(leader(entry.node), []).append(entry)
    return [Cluster(group) for group in groups.values()]
