"""Reads fragments of the guides: fragments.py FOLDER. Each has to be Python, and calls of what is
public have to fit its parameters.
"""

import ast
import inspect
import pathlib
import sys

import rebeam


def names_of(call):
    """The public thing that is called, if it is one."""
    called = call.func
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return called.attr if called.value.id == "rebeam" else None
    return called.id if isinstance(called, ast.Name) else None


def misfit(call, tree):
    name = names_of(call)
    own = {each.name for each in ast.walk(tree) if hasattr(each, "name")}
    if name not in rebeam.__all__ or name in own:
        return None
    if any(isinstance(each, ast.Starred) for each in call.args):
        return None
    arguments = [None] * len(call.args)
    named = {each.arg: None for each in call.keywords if each.arg}
    try:
        inspect.signature(getattr(rebeam, name)).bind(*arguments, **named)
    except TypeError as error:
        return f"{name}: {error}"


def unknown(tree):
    for each in ast.walk(tree):
        if isinstance(each, ast.ImportFrom) and each.module == "rebeam":
            yield from (one.name for one in each.names if one.name not in [*rebeam.__all__, "*"])


for file in pathlib.Path(sys.argv[1]).iterdir():
    where, text = file.read_text().split("\n", 1)
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        print(f"{where}: {error}")
        continue
    for each in ast.walk(tree):
        if isinstance(each, ast.Call) and (wrong := misfit(each, tree)):
            print(f"{where}: {wrong}")
    for name in unknown(tree):
        print(f"{where}: rebeam has no {name}")
