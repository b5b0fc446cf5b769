"""From a module's old objects and those that its new text made: what has to be done so that the old
ones are as the new ones.

All is worked out first; nothing changes meanwhile. What is to be done are calls of functions in C,
so that they are made in one go, with the GIL held, and each has one that takes it back.
"""

from __future__ import annotations

import collections
import contextlib
import enum
import gc
import itertools
import operator
import types
import weakref
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from rebeam._marks import KNOWN, Known
from rebeam._native import _function_become, _initializer
from rebeam._reload.codes import Codes, functions_of
from rebeam._reload.statements import Plan
from rebeam._reload.versions import frames

__all__ = ["Change"]


class _Discarded:
    """A base for classes that nobody has any more, so that no class counts them as its own."""


_Step = tuple[Any, ...]
_NONE: Any = object()
_INITIALIZER = type(_initializer(lambda: None))  # type: ignore[arg-type]
# Of each class its own, or the runtime's.
_OWN = {"__dict__", "__weakref__", "__module__", "__slots__", "_abc_impl", KNOWN}
_SLOTS = (types.MemberDescriptorType, types.GetSetDescriptorType)
_OF_FUNCTION = ("__doc__", "__name__", "__qualname__", "__annotations__", "__type_params__")
_CONTAINERS = (dict, list, set, tuple, frozenset)


class Change:
    """Of one module. `refused`: why it cannot be; then it must not be applied."""

    def __init__(
        self, module: types.ModuleType, made: dict[str, Any], before: dict[str, Any], plan: Plan
    ) -> None:
        """`made`: what the new text ran in; `before`: what that began with."""
        self.refused: list[str] = []
        self.classes: list[tuple[type, type]] = []
        self._old, self._made, self._plan = vars(module), made, plan
        self._module, self._path = module.__name__, str(module.__file__)
        self._steps: list[_Step] = []
        self._undo: list[_Step] = []
        self._same: dict[int, tuple[Any, Any]] = {}  # what is new, and what it is in truth
        self._seen: set[int] = set()
        self._kept: dict[FunctionType, dict[str, Any]] = {}
        new = {name: value for name, value in made.items() if before.get(name, _NONE) is not value}
        self._values = {name: new[name] for name in new if name not in _GIVEN}

    # ---- what to do -------------------------------------------------------------------------

    def work_out(self, codes: Codes) -> None:
        """Finds out all that is to be done, or why it cannot be."""
        for name, new in self._values.items():
            self._pair(self._old.get(name), new)
        for old, new in self.classes:
            self._check(old, new)
        if self.refused:
            return
        for old, new in self.classes:
            self._class(old, new)
        for name, new in self._values.items():
            if id(new) not in self._same and self._takes(name):
                self._do(_set_item(self._old, name, self._true(new)))
        for name in self._plan.gone & self._old.keys():
            self._do(_set_item(self._old, name, _NONE))
        self._functions(codes)
        self._elsewhere()

    def _takes(self, name: str) -> bool:
        return name in self._plan.taken or not isinstance(self._values[name], FunctionType)

    def _pair(self, old: Any, new: Any) -> None:
        """Notes that the two are one thing, if they are, and what is in them."""
        if old is new or id(new) in self._same:
            return
        if isinstance(old, type) and isinstance(new, type):
            if (old.__module__, old.__qualname__) == (new.__module__, new.__qualname__):
                self._same[id(new)] = new, old
                self.classes.append((old, new))
                self._pair_classes(old, new)
        elif type(old) is type(new) is FunctionType and old.__qualname__ == new.__qualname__:
            self._same[id(new)] = new, old
            self._pair_functions(old, new)

    def _pair_classes(self, old: Any, new: Any) -> None:
        for name, value in vars(new).items():
            self._pair(_plain(vars(old).get(name)), _plain(value))
        if isinstance(new, enum.EnumType) and isinstance(old, enum.EnumType):
            for name, member in new.__members__.items():
                if name in old.__members__:
                    self._same[id(member)] = member, old.__members__[name]

    def _pair_functions(self, old: FunctionType, new: FunctionType) -> None:
        cells = dict(_cells(old))
        for name, cell in _cells(new):
            self._pair(_content(cells.get(name)), _content(cell))
        self._pair(getattr(old, "__wrapped__", None), getattr(new, "__wrapped__", None))

    # ---- refusals ---------------------------------------------------------------------------

    def _check(self, old: type, new: type) -> None:
        """What CPython cannot change in a class, or instances could not bear."""
        name = old.__qualname__
        if type(old) is not self._true(type(new)):
            self._refuse(f"{name}: its metaclass changed")
        elif old.__bases__ != (bases := tuple(map(self._true, new.__bases__))):
            self._refuse(
                f"{name}: its bases changed, from {_names(old.__bases__)} to {_names(bases)}"
            )
        elif _layout(old) != _layout(new):
            self._refuse(
                f"{name}: its __slots__ changed, and with them the layout of its instances"
            )
        elif isinstance(new, enum.EnumType):
            self._check_members(old, new)

    def _check_members(self, old: Any, new: Any) -> None:
        for name, member in new._member_map_.items():
            before = old._member_map_.get(name)
            fixed = before is not None and new._member_type_ is not object
            if fixed and before._value_ != member._value_:
                self._refuse(
                    f"{old.__qualname__}.{name}: a member that is a {new._member_type_.__name__} "
                    f"keeps its value, so it cannot become {member._value_!r}"
                )

    def _refuse(self, text: str) -> None:
        self.refused.append(text)

    # ---- classes ----------------------------------------------------------------------------

    def _class(self, old: Any, new: Any) -> None:
        name = new.__qualname__
        kept, bound = self._plan.kept.get(name, ()), self._plan.bound.get(name, ())
        mine, before = dict(vars(new)), vars(old)
        if not isinstance(new, enum.EnumType):
            mine = {each: mine[each] for each in mine if each not in kept or each not in before}
        for each, value in mine.items():
            if each not in _OWN and not isinstance(value, _SLOTS):
                self._attribute(old, each, before.get(each, _NONE), value)
        for each in before.keys() - vars(new).keys() - _OWN:
            if each in bound or (each[:2] == each[-2:] == "__" and each != "__doc__"):
                self._do(_set_attribute(old, each, before[each], _NONE))
        if isinstance(new, enum.EnumType):
            self._members(old, new)
        # Its table of handlers is made anew, also if only the parameters of one changed.
        self._do(_set_attribute(old, KNOWN, before.get(KNOWN, _NONE), Known(old)))

    def _attribute(self, cls: type, name: str, before: Any, value: Any) -> None:
        inner = _plain(value)
        if id(inner) in self._same and _kind(before) == _kind(value):
            return  # the inner one becomes what this one's is
        member = getattr(value, "member", None) if isinstance(value, enum.property) else None
        if member is not None:
            value.member = self._true(member)
        self._do(_set_attribute(cls, name, before, self._true(value)))

    def _members(self, old: Any, new: Any) -> None:
        for name, member in new._member_map_.items():
            before = old._member_map_.get(name)
            if before is None:
                self._settle(_set_of(member, "__class__", old))
                self._settle(_set_of(member, "__objclass__", old))
            elif before is not member:
                for each in vars(member).keys() - {"_name_", "__objclass__"}:
                    self._do(_set_of(before, each, self._true(vars(member)[each])))

    # ---- functions --------------------------------------------------------------------------

    def _functions(self, codes: Codes) -> None:
        """All functions that there are, whoever holds them."""
        become = {id(old): new for new, old in self._same.values() if type(new) is FunctionType}
        for new, old in list(self._same.values()):
            if type(new) is FunctionType:
                self._become(old, new)
        path = self._path
        wanted: Callable[[FunctionType], bool] = lambda each: (  # noqa: E731
            each.__globals__ is self._made or each.__code__.co_filename == path
        )
        for each in functions_of(wanted):
            if each.__globals__ is self._made:
                self._settle_function(each)
            elif id(each) not in become:
                after = codes.after(each.__code__)
                if after is not None:
                    self._do(_become(each, each.__globals__, after, each.__closure__))

    def _become(self, old: FunctionType, new: FunctionType) -> None:
        space = self._old if new.__globals__ is self._made else new.__globals__
        self._do(_become(old, space, new.__code__, new.__closure__))
        for cell in new.__closure__ or ():
            self._cell(cell)
        if new.__qualname__ not in self._plan.heads:
            for name in ("__defaults__", "__kwdefaults__"):
                self._do(_set_of(old, name, self._true(getattr(new, name))))
        for name in _OF_FUNCTION:
            if hasattr(new, name):
                self._do(_set_of(old, name, self._true(getattr(new, name))))
        # What the program has hung on it stays.
        own = {name: value for name, value in vars(old).items() if name[:2] != "__"}
        own |= {name: self._true(value) for name, value in vars(new).items()}
        self._do(_set_of(old, "__dict__", own))

    def _settle_function(self, new: FunctionType) -> None:
        """A function of the new text, which may stay, has the module around it from now on. Frames
        that it has already borrow what was around it."""
        self._kept[new] = self._made
        self._settle(_become(new, self._old, new.__code__, new.__closure__))
        for cell in new.__closure__ or ():
            self._cell(cell)

    def _cell(self, cell: Any) -> None:
        value = _content(cell)
        if id(cell) not in self._seen and self._true(value) is not value:
            self._seen.add(id(cell))
            self._settle(_set_of(cell, "cell_contents", self._true(value)))

    # ---- what refers to what is new ------------------------------------------------------------

    def _elsewhere(self) -> None:
        """What has a class of the new text, such as a registry of the user's, gets the old one;
        so do the instances and the classes that were made of it."""
        if not self.classes:
            return
        discarded = {id(new) for _, new in self.classes}
        for each in gc.get_referrers(*[new for _, new in self.classes]):
            if type(each) in (dict, list, set):
                if each is not self._made and not _is_of_class(each):
                    self._container(each)
            elif isinstance(each, type):
                bases = tuple(map(self._true, each.__bases__))
                if id(each) not in discarded and bases != each.__bases__:
                    self._settle(_set_attribute(each, "__bases__", each.__bases__, bases))
            elif id(type(each)) in discarded:
                self._settle(_set_of(each, "__class__", self._true(type(each))))

    def _true(self, value: Any) -> Any:
        """What the value is in truth; a container's parts are put right when all else is."""
        found = self._same.get(id(value))
        if found is not None and found[0] is value:
            return found[1]
        if type(value) in (tuple, frozenset):
            parts = [self._true(each) for each in value]
            return value if all(map(operator.is_, parts, value)) else type(value)(parts)
        if type(value) in _CONTAINERS:
            self._container(value)
        return value

    def _container(self, value: Any) -> None:
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        items = enumerate(list(value)) if type(value) is list else _items(value)
        for key, each in items:
            true, place = self._true(each), key if type(value) is list else self._true(key)
            if place is not key:
                drop = set.discard if type(value) is set else dict.pop
                self._steps.append((drop, value, key))
            if type(value) is set:
                self._steps.append((set.add, value, place))
            elif place is not key or true is not each:
                self._steps.append((operator.setitem, value, place, true))

    # ---- doing it ----------------------------------------------------------------------------

    def _do(self, step: tuple[_Step, _Step]) -> None:
        self._steps.append(step[0])
        self._undo.append(step[1])

    def _settle(self, step: tuple[_Step, _Step]) -> None:
        """Of what is new: that is not taken back."""
        self._steps.append(step[0])

    def apply(self, more: list[_Step]) -> Callable[[list[_Step]], None]:
        """Does all of it in one go, with more that cannot fail. What takes it back, in one go with
        more as well."""
        undo = list(reversed(self._undo))
        try:
            _run([*self._steps, *more])
        except BaseException:
            _run(undo)
            raise
        _around.update(self._kept)
        self._leave()
        for _, new in self.classes:
            with contextlib.suppress(TypeError):  # another layout
                type.__setattr__(new, "__bases__", (_Discarded,))
        return lambda more: _run([*undo, *more])

    def _leave(self) -> None:
        """Nothing is left in what the new text ran in, but for code that still runs there."""
        made = self._made
        runs = any(frame.f_globals is made for frame in frames())
        made.clear()
        if runs:
            made.update(self._old)


# What was around functions when they were made, for as long as they live: a frame of theirs that
# began with it does not keep it alive.
_around: weakref.WeakKeyDictionary[FunctionType, dict[str, Any]] = weakref.WeakKeyDictionary()
# Of each module, by CPython or by the runtime.
_GIVEN = {"__builtins__", "__name__", "__loader__", "__spec__", "__file__", "__cached__"}


def _run(steps: list[_Step]) -> None:
    """No line of Python runs meanwhile, so no other thread does: also no garbage is collected."""
    collects = gc.isenabled()
    gc.disable()
    try:
        collections.deque(itertools.starmap(operator.call, steps), maxlen=0)
    finally:
        if collects:
            gc.enable()


# ---- steps, each with the one that takes it back -------------------------------------------------


def _set_item(target: dict[Any, Any], key: Any, value: Any) -> tuple[_Step, _Step]:
    return _item(target, key, value), _item(target, key, target.get(key, _NONE))


def _item(target: dict[Any, Any], key: Any, value: Any) -> _Step:
    return (
        (dict.pop, target, key, None) if value is _NONE else (dict.__setitem__, target, key, value)
    )


def _set_attribute(cls: type, name: str, before: Any, value: Any) -> tuple[_Step, _Step]:
    return _of_class(cls, name, value), _of_class(cls, name, before)


def _of_class(cls: type, name: str, value: Any) -> _Step:
    """Past a metaclass that refuses."""
    if value is _NONE:
        return type.__delattr__, cls, name
    return type.__setattr__, cls, name, value


def _set_of(target: Any, name: str, value: Any) -> tuple[_Step, _Step]:
    before = _content(target) if name == "cell_contents" else getattr(target, name, None)
    return (object.__setattr__, target, name, value), (object.__setattr__, target, name, before)


def _become(
    function: FunctionType, space: dict[str, Any], code: types.CodeType, closure: Any
) -> tuple[_Step, _Step]:
    before = function.__globals__, function.__code__, function.__closure__
    return (_function_become, function, space, code, closure), (_function_become, function, *before)


# ---- looking -------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """The function that a method of a class is."""
    if isinstance(value, (classmethod, staticmethod)):
        return value.__func__
    if type(value) is _INITIALIZER:
        return value.__wrapped__  # type: ignore[attr-defined, unused-ignore]
    return value


def _kind(value: Any) -> type:
    kind = type(value)
    return FunctionType if kind is _INITIALIZER else kind


def _cells(function: FunctionType) -> Iterator[tuple[str, Any]]:
    return zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)


def _content(cell: Any) -> Any:
    try:
        return None if cell is None else cell.cell_contents
    except ValueError:  # empty
        return None


def _items(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if type(value) is dict else [(each, None) for each in value]


def _is_of_class(names: dict[Any, Any]) -> bool:
    """Whether it is what a class has, which only the class may change."""
    return "__module__" in names and ("__dict__" in names or "__doc__" in names)


def _layout(cls: Any) -> tuple[Any, ...]:
    slots = vars(cls).get("__slots__", None)
    names = None if slots is None else tuple([slots] if isinstance(slots, str) else slots)
    return names, cls.__basicsize__, cls.__itemsize__, cls.__dictoffset__, cls.__weakrefoffset__


def _names(classes: tuple[type, ...]) -> str:
    return ", ".join(each.__qualname__ for each in classes)
