"""The refusal codes that a service's domain can give, read off its sources."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType


def codes_of(domain: ModuleType) -> set[str]:
    """Every code that `require` or `Refused` names below the package `domain`."""
    assert domain.__file__ is not None
    files = sorted(Path(domain.__file__).parent.glob("*.py"))
    return {code for file in files for code in _codes(ast.parse(file.read_text("utf-8")))}


def _codes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            position = {"require": 1, "Refused": 0}.get(node.func.id)
            argument = node.args[position] if position is not None and len(node.args) > position else None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value
