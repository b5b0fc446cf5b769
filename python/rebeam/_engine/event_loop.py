"""`async def` handlers: one asyncio loop runs those of all actors.

    actor (suspended) --begin--> loop: a Task in the actor's context
          ^                        |  done
          +------- promise --------+

The loop has a thread of its own, started with the first asynchronous handler. What runs in it is an
actor's by its context, so tasks that a handler starts are the actor's too. They are cancelled when
the actor is gone, and the servers that it opened are closed. A handler whose code has asked for a
signal that ends programs gets what that would do, when the actor ends, instead of a cancellation.

Calls in async defs suspend (c_src/suspend/runtime/bridge.c): the loop goes on with other tasks.
Where CPython cannot suspend (a sort key, a callback of the loop, code from site-packages), they
hold the loop.
"""

from __future__ import annotations

import _thread
import contextlib
import functools
import types
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from typing import TYPE_CHECKING, Any, cast

from rebeam._engine import loop_signals, outside
from rebeam._errors import INTERRUPTED, ActorExit, CallInterrupted
from rebeam._native import Promise, Target, _loop_is_here, _on_ended, _suspend, call
from rebeam._status import Status

# Importing asyncio and inspect takes longer than many programs: functions do, when needed.
if TYPE_CHECKING:
    import asyncio

_FINISH_SECONDS = 1.5
_lock = _thread.allocate_lock()

# (thread, what gives a loop's current task, the loop, an actor's tasks): see c_src/actor/context.c
_Place = tuple[int, Any, Any, "set[asyncio.Task[Any]]"]


async def call_async(
    target: Target,
    subject: str,
    message: Any = None,
    timeout: float | None = 5.0,
    interrupt: bool = False,
) -> tuple[Status, Any]:
    """`call`, to be awaited: in `asyncio.gather`, `asyncio.create_task` and the like.

    Takes, returns and raises what `call` does. Cancelled, it waits no more, and a late
    answer is dropped. Suspends the task; outside asyncio, the actor or the thread.
    """
    return call(target, subject, message, timeout, interrupt)


# ---- what an actor has in the loop ---------------------------------------------------------------


class _Belongings:
    """The tasks and servers of one actor. Used on the loop's thread."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()
        self.servers: list[Any] = []

    def end(self) -> None:
        for server in self.servers:
            server.close()
        for task in list(self.tasks):
            task.cancel()


_belongings: ContextVar[_Belongings] = ContextVar("rebeam.belongings")


def _actor_ended(context: Context) -> bool:
    """The native part: the actor of this context is gone. True if it has tasks, which are
    cancelled."""
    mine = context.get(_belongings)
    if mine is None:
        return False
    _runner.submit(mine.end)
    return bool(mine.tasks)


def keeps() -> str | None:
    """What the calling actor has in the loop, for people; None: nothing."""
    mine = _belongings.get(None)
    if mine is None:
        return None
    if mine.tasks:
        return "tasks of asyncio that are not done"
    return "a server of asyncio" if any(each.is_serving() for each in mine.servers) else None


def _place_of(context: Context) -> _Place | None:
    """The native part: where the tasks run that this context's actor has; None if it has none."""
    mine = context.get(_belongings)
    return _runner.place_of(mine.tasks) if mine is not None and mine.tasks else None


def _new_task(
    loop: asyncio.AbstractEventLoop, coroutine: Any, /, **options: Any
) -> asyncio.Task[Any]:
    """The loop's task factory: notes whose task it is."""
    import asyncio

    task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
    context = options.get("context")
    mine = _belongings.get(None) if context is None else context.get(_belongings)
    if mine is not None:
        mine.tasks.add(task)
        task.add_done_callback(mine.tasks.discard)
    return task


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio has to say about a task that failed unheard; not of one cut off by the end of
    its actor."""
    if not isinstance(context.get("exception"), ActorExit):
        loop.default_exception_handler(context)


def _note_servers(loop: Any, name: str) -> None:
    """Has the method `name` of the loop, which makes a server, note whose it is."""
    make = getattr(loop, name)

    @functools.wraps(make)
    async def noted(*args: Any, **kwargs: Any) -> Any:
        server = await make(*args, **kwargs)
        mine = _belongings.get(None)
        if mine is not None:
            mine.servers = [each for each in mine.servers if each.is_serving()]
            mine.servers.append(server)
        return server

    setattr(loop, name, noted)


# ---- the loop ------------------------------------------------------------------------------------


class _Runner:
    """The loop and its thread; neither exists before it is needed."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Any = None
        self._finished = False

    def submit(self, function: Callable[..., object], *args: Any) -> None:
        """Calls the function on the loop's thread, soon. RuntimeError once the program ends."""
        loop = self._loop or self._start()
        loop.call_soon_threadsafe(function, *args)

    def _start(self) -> asyncio.AbstractEventLoop:
        import asyncio
        import threading

        with _lock:
            if self._finished:
                raise RuntimeError("the program is ending: no asynchronous handler can start")
            if self._loop is None:
                loop = asyncio.new_event_loop()
                loop.set_task_factory(_new_task)
                loop.set_exception_handler(_report)
                loop_signals.share(loop)
                _note_servers(loop, "create_server")
                _note_servers(loop, "create_unix_server")
                self._thread = threading.Thread(
                    target=self._serve, args=(loop,), name="rebeam_asyncio", daemon=True
                )
                self._thread.start()
                self._loop = loop
            return self._loop

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        import asyncio

        asyncio.set_event_loop(loop)
        _loop_is_here(True)
        while not self._finished:
            # What a task raises to end a program, asyncio raises here as well. The task's
            # actor has it; to the others it is nothing.
            with contextlib.suppress(SystemExit, KeyboardInterrupt, ActorExit):
                loop.run_forever()
        _loop_is_here(False)

    def place_of(self, tasks: set[asyncio.Task[Any]]) -> _Place:
        """What the native part needs to know which of these tasks runs, with no line of Python
        that would let the loop go on meanwhile."""
        import asyncio

        current: Any = asyncio.current_task
        if isinstance(current, types.FunctionType):  # CPython 3.11
            current = vars(asyncio.tasks)["_current_tasks"].get
        return self._thread.ident, current, self._loop, tasks

    def finish(self) -> None:
        """Cancels what is left, and ends the thread. Waits for some seconds at most."""
        with _lock:
            self._finished = True
            loop, thread = self._loop, self._thread
        if loop is not None:
            loop.call_soon_threadsafe(lambda: loop.create_task(self._end(loop)))
            thread.join(_FINISH_SECONDS)

    async def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        import asyncio

        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await loop.shutdown_asyncgens()
        loop.stop()


_runner = _Runner()
finish = _runner.finish


# ---- handlers ------------------------------------------------------------------------------------


class _Handling:
    """One message that an asynchronous handler takes."""

    def __init__(
        self, function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]
    ) -> None:
        self._function = function
        self._args = args
        self._named = named
        self._task: asyncio.Task[Any] | None = None
        self._signals: loop_signals.Handlers | None = None
        self._ending: type[ActorExit] | None = None

    def begin(self, promise: Promise) -> None:
        """The actor is suspended."""
        _runner.submit(self._start, promise)

    def end(self, promise: Promise, interrupted: bool = False) -> None:
        """The actor ends, or who called waits no more."""
        _runner.submit(self._cancel, CallInterrupted if interrupted else ActorExit)

    def _start(self, promise: Promise) -> None:
        import asyncio

        try:
            context = promise.context
            if _belongings not in context:
                context.run(_belongings.set, _Belongings())
                context.run(loop_signals.mine.set, loop_signals.Handlers())
            self._signals = context[loop_signals.mine]
            name = getattr(self._function, "__qualname__", None)
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._coroutine(), name=name, context=context)
        except BaseException as error:
            promise.set_exception(error)
        else:
            self._task.add_done_callback(functools.partial(self._done, promise))

    def _coroutine(self) -> Coroutine[Any, Any, Any]:
        import inspect

        if inspect.iscoroutinefunction(self._function):
            return cast("Coroutine[Any, Any, Any]", self._function(*self._args, **self._named))
        return _decorated(self._function, self._args, self._named)

    def _cancel(self, why: type[ActorExit]) -> None:
        first = self._ending is None
        self._ending = why
        if self._task is None:
            return
        end = loop_signals.end_of(self._task, self._signals) if why is ActorExit and first else None
        try:
            (end or self._task.cancel)()
        except BaseException:  # as a signal's handler may, to end the loop; but that one is not its
            self._task.cancel()

    def _done(self, promise: Promise, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            promise.set_exception(self._cancelled())
        elif (error := task.exception()) is not None:
            promise.set_exception(error)
        else:
            promise.set_result(task.result())

    def _cancelled(self) -> BaseException:
        import asyncio

        if self._ending is CallInterrupted:
            return CallInterrupted(INTERRUPTED)
        if self._ending:
            return ActorExit("this actor is ending")
        return asyncio.CancelledError("the handler's task was cancelled")


async def _decorated(
    function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]
) -> Any:
    """Calls a plain function around an async def, in the loop as well."""
    import inspect

    made = function(*args, **named)
    return await made if inspect.isawaitable(made) else made


def handler(function: Callable[..., Any]) -> Callable[..., Any]:
    """What the actor calls for an `async def` handler, or function: suspends until its task is
    done."""

    @functools.wraps(function)
    def handle(*args: Any, **named: Any) -> Any:
        handling = _Handling(function, args, named)
        return _suspend(handling.begin, handling.end)

    return handle


if outside.INSIDE:
    _on_ended(_actor_ended, _place_of)
