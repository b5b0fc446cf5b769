from rebeam import (
    GenPy,
    Status,
    call,
    no_reply,
    receive,
    response_error,
    response_ok,
    run_register_process,
)


class Answers(GenPy):
    @receive("ok")
    def ok(self):
        return response_ok({"n": 1})

    @receive("empty")
    def empty(self):
        return response_ok()

    @receive("error")
    def error(self):
        return response_error(["no", 1])

    @receive("plain")
    def plain(self):
        return (1, "two")

    @receive("none")
    def none(self):
        pass

    @receive("false")
    def false(self):
        return False


it = run_register_process(Answers)
for subject in ("ok", "empty", "error", "plain", "none", "false"):
    status, response = call(it, subject)
    print(f"{status} {bool(status)} {status == Status.OK} {status == 'error'} {response!r}")
print(
    type(status) is Status, repr(Status.TIMEOUT), Status("down") is Status.DOWN, bool(Status.DOWN)
)
print(sorted(each.value for each in Status))
print(bool(response_ok(0)), bool(response_error(1)), bool(no_reply()))
