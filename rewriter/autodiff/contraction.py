"""The derivative of a contraction is a contraction.

``ij,jk->ik`` gives ``ik,jk->ij`` for the first operand and ``ij,ik->jk`` for the second.
"""

from __future__ import annotations

from rewriter.autodiff.broadcasting import core, is_one
from rewriter.autodiff.cumulation import INDEX
from rewriter.autodiff.rule import Rule
from rewriter.graph import elementwise as e
from rewriter.graph import operators as o
from rewriter.graph.indexing import broadcast_to, iota, reshape
from rewriter.graph.inference import contraction_letters
from rewriter.graph.node import Node, apply
from rewriter.graph.primitive import Primitive


def _einsum(node: Node, cotangent: Node, position: int) -> Node:
    """Contract the cotangent, in the operand's place, with the other operands."""
    operand = node.operands[position]
    letters, output = contraction_letters(node.attribute("spec"))
    wanted = letters[position]
    terms = [
        (text, e.astype(other, cotangent.dtype))
        for text, other in zip(letters, node.operands, strict=True)
    ]
    terms[position] = (output, cotangent)
    if is_one(core(cotangent)) and len(terms) > 1:
        del terms[position]
    result = _contracted(terms, wanted, node)
    return e.astype(_on_diagonal(_completed(*result, operand, wanted), wanted), operand.dtype)


def _contracted(terms: list[tuple[str, Node]], wanted: str, node: Node) -> tuple[str, Node]:
    """Contract the terms to those letters of ``wanted`` that they have, each once."""
    present = {letter for text, _ in terms for letter in text}
    output = "".join(letter for letter in dict.fromkeys(wanted) if letter in present)
    if len(terms) == 1 and terms[0][0] == output:
        return terms[0]
    spec = ",".join(text for text, _ in terms) + "->" + output
    attributes = {name: value for name, value in node.attributes if name != "dtype"}
    return output, apply(o.EINSUM, [term for _, term in terms], {**attributes, "spec": spec})


def _completed(present: str, result: Node, operand: Node, wanted: str) -> Node:
    """Broadcast along the letters that were summed alone; each letter of ``wanted`` once."""
    sizes = dict(zip(wanted, operand.shape, strict=True))
    known = [sizes[letter] if letter in present else 1 for letter in sizes]
    return broadcast_to(reshape(result, known), tuple(sizes.values()))


def _on_diagonal(result: Node, wanted: str) -> Node:
    """Give a letter that occurs again in ``wanted`` its further axes: 0 off the diagonal."""
    seen: list[str] = list(dict.fromkeys(wanted))
    if len(seen) == len(wanted):
        return result
    sizes = dict(zip(seen, result.shape, strict=True))
    first = {letter: wanted.index(letter) for letter in seen}
    shape = tuple(sizes[letter] for letter in wanted)
    result = reshape(result, [sizes[c] if first[c] == a else 1 for a, c in enumerate(wanted)])
    for axis, letter in enumerate(wanted):
        if first[letter] != axis:
            same = e.equal(iota(shape, axis, INDEX), iota(shape, first[letter], INDEX))
            result = e.where(same, result, 0)
    return result


RULES: dict[Primitive, Rule] = {o.EINSUM: _einsum}
