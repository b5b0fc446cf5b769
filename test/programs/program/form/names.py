"""Prints what a program sees of the form that it has, and fails in a module beside it."""

import sys
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from zipimport import zipimporter

import beside_it

import __main__

kinds = SourceFileLoader, SourcelessFileLoader, zipimporter
loader = [each.__name__ for each in kinds if isinstance(__loader__, each)]  # type: ignore[name-defined]
print(sys.argv, sys.orig_argv[-4:], __name__, __main__.__file__, __file__)
print(repr(sys.path[0]), beside_it.__file__, __package__, __cached__, loader)  # type: ignore[name-defined]
print(__spec__ and (__spec__.name, __spec__.origin, __spec__.parent, __spec__.has_location))
print(sorted(set(dir()) - {"__annotations__"}), repr(sys.stdin.read()))
beside_it.fail("größe")
