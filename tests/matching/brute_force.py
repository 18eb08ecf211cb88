"""Matching by trying everything: slow, short, and independent of the matcher's search.

An answer is a substitution under which the pattern equals the subject and every operand of an
associative operator in the pattern, other than a rest, stands for exactly one operand.
"""

from itertools import product

from rewriter.matching import Rest, operands_of, operator_of, order_key, substitute, variables_of


def subterms(term):
    """Return the distinct subterms of a term."""
    found, stack = {}, [term]
    while stack:
        part = stack.pop()
        if part not in found:
            found[part] = None
            stack.extend(operands_of(part))
    return list(found)


def parts(term):
    """Return all that some of a term's operands, or a stretch of them, combine to."""
    operator, operands = operator_of(term), operands_of(term)
    if operator is None or not operator.associative:
        return [term]
    if operator.commutative:
        masks = range(1, 1 << len(operands))
        chosen = [[e for k, e in enumerate(operands) if mask >> k & 1] for mask in masks]
    else:
        size = len(operands)
        chosen = [operands[i:j] for i in range(size) for j in range(i + 1, size + 1)]
    return [operator(*each) for each in chosen]


def values(subject, operators):
    """Return all that a variable could stand for in a subject."""
    found = {part: None for term in subterms(subject) for part in parts(term)}
    found.update({each.unit: None for each in operators if each.unit is not None})
    return list(found)


def operators_in(term):
    """Return the operators that occur in a term."""
    return {operator_of(part) for part in subterms(term)} - {None}


def one_operand_each(pattern, substitution):
    """Whether operands of associative operators stand for one operand each, rests aside."""
    for term in subterms(pattern):
        operator = operator_of(term)
        if operator is None or not operator.associative:
            continue
        for operand in operands_of(term):
            value = substitute(operand, substitution)
            several = operator_of(value) is operator
            if not isinstance(operand, Rest) and (several or value == operator.unit):
                return False
    return True


def answers(pattern, subject):
    """Return the set of answers, each the values of the pattern's variables in canonical order."""
    names = sorted(variables_of(pattern), key=order_key)
    candidates = values(subject, operators_in(pattern) | operators_in(subject))
    found = set()
    for chosen in product(candidates, repeat=len(names)):
        substitution = dict(zip(names, chosen, strict=True))
        if substitute(pattern, substitution) == subject and one_operand_each(pattern, substitution):
            found.add(chosen)
    return found
