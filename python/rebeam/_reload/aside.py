"""Loads a module's new text beside the module, which does not change meanwhile."""

from __future__ import annotations

import ast
import types
from typing import Any, NamedTuple

from rebeam import _errors, _trees
from rebeam._engine import importer, mains
from rebeam._engine.user_files import program
from rebeam._native import _refuse
from rebeam._reload import migration
from rebeam._reload.change import Change
from rebeam._reload.codes import Codes
from rebeam._reload.statements import Plan, plan

__all__ = ["Prepared", "prepare"]


class Prepared(NamedTuple):
    """refused: why the module cannot become what the text says; then nothing can be done with it.
    codes: the new text's."""

    plan: Plan | None
    change: Change | None
    codes: list[types.CodeType]
    refused: list[str]


def prepare(module: types.ModuleType, data: bytes, number: int) -> Prepared:
    """Works out what changes the module, which has that version, to what the text says."""
    path = str(module.__file__)
    try:
        tree = ast.parse(data, path)
        code = importer.compile_again(path, data)
        before = ast.parse(program.texts[path], path)
        found = plan(before.body, tree.body, script=mains.name_of(module) is not None)
        seeds = _seeds(module, found)
        made, ran = _run(module, path, data, found, dict(seeds))
        change = Change(module, made, seeds, found)
        change.work_out(Codes(compile(before, path, "exec", dont_inherit=True), code))
        refused = change.refused or migration.try_out(change.classes, number)
    except _errors.ActorExit:
        raise
    except BaseException as error:
        return Prepared(None, None, [], [_story(error, path)])
    return Prepared(found, change, [code, *ran], refused)


def _seeds(module: types.ModuleType, found: Plan) -> dict[str, Any]:
    """What the new text finds: all that the old one gave, but for what is gone."""
    seeds = {name: value for name, value in vars(module).items() if name not in found.gone}
    if "__annotations__" in seeds:
        seeds["__annotations__"] = dict(seeds["__annotations__"])
    return seeds


def _run(
    module: types.ModuleType, path: str, data: bytes, found: Plan, made: dict[str, Any]
) -> tuple[dict[str, Any], list[types.CodeType]]:
    """What there is when the new text has run, and the codes that ran."""
    name = mains.name_of(module)
    if name is None:
        code = importer.compile_again(path, data, ast.Module(found.run, []))
        exec(code, made)
        return made, [code]
    trees = list(_trees.made())
    made["__name__"] = mains.IN_UNITS
    mains.name_for_units()
    codes = []
    futures = [each for each in found.run if _is_future(each)]
    for each in found.run:  # alone, as one that asks the runtime for something is left out
        codes.append(importer.compile_again(path, data, ast.Module([*futures, each], [])))
        _define(codes[-1], made)
    for tree in [tree for tree in _trees.made() if tree not in trees]:
        _trees.claim(tree)
    made["__name__"] = module.__name__
    mains.rename(made, name, mains.IN_UNITS)
    return made, codes


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _define(code: types.CodeType, made: dict[str, Any]) -> None:
    _refuse(_errors.BodyOver)
    try:
        exec(code, made)
    except _errors.BodyOver:
        pass
    finally:
        _refuse(None)


def _story(error: BaseException, path: str) -> str:
    """What was raised, and in which line of the module."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return text
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f"{text} ({path}, line {lines[-1]})" if lines else text
