"""Wrong uses. Each has to be reported: an ignore that ignores nothing is an error itself."""

from actors import Counter

from rebeam import (
    ProcessID,
    Status,
    Supervisor,
    Term,
    call,
    cast,
    child,
    receive,
    response_ok,
    sleep,
)
from rebeam.testing import Probe, start_supervised, supervised, wait_until

call(1, "add")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
call("counter")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
call("counter", "add", 1, "5")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
call("a", "b", interrupt="no")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
status, answer = call("a", "b")
more: int = status  # type: ignore[assignment] # pyright: ignore[reportAssignmentType]
text: str = cast("counter", "add")  # type: ignore[assignment] # pyright: ignore[reportAssignmentType]
cast("counter", "add", sender=None)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
sleep("1")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

child(Counter(), restart="always")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
child(Counter(), shutdown="kill")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
child(Counter(), thread="own")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
child(5)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
Supervisor([Counter(), 5])  # type: ignore[list-item] # pyright: ignore[reportArgumentType]
Supervisor(Counter())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
Supervisor([], "one_for_two")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
Supervisor([int])  # a class that may be called without arguments is a function that returns

Counter("first")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
Counter().add("1", None)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
Counter().add(1)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
name: str = Counter().get()  # type: ignore[assignment] # pyright: ignore[reportAssignmentType]
Counter().state = []  # type: ignore[assignment] # pyright: ignore[reportAttributeAccessIssue]
receive(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
receive("add")(1)  # type: ignore[type-var] # pyright: ignore[reportArgumentType]


class Bare:
    @receive  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    def handle(self) -> None: ...  # type: ignore[misc]


ProcessID("1")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
ProcessID().node = "n"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]
answered = response_ok()
answered.value = 1  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]
fine: bool = Status.OK.value  # type: ignore[assignment] # pyright: ignore[reportAssignmentType]


class MyTerm(Term): ...  # type: ignore[misc] # pyright: ignore[reportGeneralTypeIssues]


start_supervised("a.py", 5)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
supervised()  # type: ignore[call-overload] # pyright: ignore[reportCallIssue]
with supervised(Counter()) as pid:
    pids: list[int] = pid  # type: ignore[assignment] # pyright: ignore[reportAssignmentType]
wait_until(True)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
Probe("name").expect()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
