# ruff: noqa: F821
"""A module that imports nothing."""


def seen(name):
    return list(__local_registry__), name in __local_registry__


def later():
    return sorted(name for name in __local_registry__ if __local_registry__.find(name))
