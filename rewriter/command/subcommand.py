"""The type of what a subcommand's module adds its parser to."""

from __future__ import annotations

import argparse
from typing import TypeAlias

__all__ = ["Subcommands"]

Subcommands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
