"""Functions dispatched on the type of their first argument, quickly.

`functools.singledispatch` with a plain dictionary in front of it: a matcher asks terms for their
operators and variables far more often than it does anything else.

>>> @dispatched
... def size(term):
...     return 1
>>> size("ab")
1
>>> @size.register(str)
... def _(term):
...     return len(term)
>>> size("ab"), size(7)
(2, 1)
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import singledispatch, update_wrapper
from importlib import import_module
from typing import Any, ParamSpec, Protocol, TypeVar, cast

__all__ = ["ADOPTERS", "Dispatched", "dispatched", "load_adapters_of_imported"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Answer = TypeVar("Answer", covariant=True)
Implementation = TypeVar("Implementation", bound=Callable[..., Any])


class Dispatched(Protocol[Parameters, Answer]):
    """A function that calls what is registered for its first argument's type."""

    def __call__(self, *arguments: Parameters.args, **options: Parameters.kwargs) -> Answer:
        """Call what is registered."""

    def register(self, term_type: type) -> Callable[[Implementation], Implementation]:
        """Return a decorator that registers an implementation for a type and those below it."""

    def dispatch(self, term_type: type) -> Callable[..., Any]:
        """Return what is registered for a type."""


ADAPTERS = {"sympy": "rewriter.matching.sympy_terms"}
_met: set[type] = set()
ADOPTERS: list[Callable[[type], None]] = []


def load_adapters_of_imported() -> None:
    """Let the classes of known libraries join that are imported already."""
    for library in ADAPTERS.keys() & sys.modules.keys():
        import_module(ADAPTERS[library])


def load_adapter(term_type: type) -> None:
    """Let a class of terms join that is met for the first time, if it belongs to a known library or
    some adopter knows how it is taken apart.
    """
    for adopt in ADOPTERS:
        adopt(term_type)
    for base in term_type.__mro__:
        adapter = ADAPTERS.get(str(base.__module__).partition(".")[0])  # a class may have none
        if adapter is not None:
            import_module(adapter)
            return


def dispatched(function: Callable[Parameters, Result]) -> Dispatched[Parameters, Result]:
    """Return a function dispatched on its first argument's type; the one given is the default."""
    generic = singledispatch(function)
    found: dict[type, Callable[..., Any]] = {}

    def call(term: Any, *arguments: Any) -> Any:
        try:
            implementation = found[term.__class__]
        except KeyError:
            if term.__class__ not in _met:
                _met.add(term.__class__)
                load_adapter(term.__class__)
            implementation = found[term.__class__] = generic.dispatch(term.__class__)
        return implementation(term, *arguments)

    def register(term_type: type) -> Callable[[Implementation], Implementation]:
        """Return a decorator that registers an implementation for a type."""

        def decorate(implementation: Implementation) -> Implementation:
            generic.register(term_type, implementation)
            found.clear()
            return implementation

        return decorate

    update_wrapper(call, function)
    call.register = register  # type: ignore[attr-defined]
    call.dispatch = generic.dispatch  # type: ignore[attr-defined]
    return cast(Dispatched[Parameters, Result], call)
