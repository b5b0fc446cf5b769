from waiting import wait_until

from rebeam import GenPy, GenStateMachine, Supervisor, call, child, event, info, receive, sleep


class Slow(GenPy):
    name = "slow"

    @receive("sleep")
    def rest(self, message):
        sleep(message)
        return message

    @receive("die")
    def die(self):
        raise ValueError("slow died")


class Machine(GenStateMachine):
    name = "machine"
    initial_state = "idle"

    @event("call")
    def forward(self, message):
        target, subject, what, seconds = message
        try:
            status, response = call(target, subject, what, timeout=seconds)
            return [str(status), str(response).strip().splitlines()[-1]]
        except RuntimeError as error:
            return str(error)

    @event("sort")
    def sort(self, message):
        return sorted(message, key=lambda n: call("slow", "sleep", n)[1])

    @info()
    def note(self, message):
        print("info", message)


def ask(*message):
    print(call("machine", "call", message, timeout=20))


def drive():
    ask("slow", "sleep", 0.01, 5)
    ask("machine", "call", 1, 5)
    ask("nobody", "x", 1, 5)
    ask("slow", "sleep", 0.3, 0.05)
    ask("slow", "sleep", 0.02, 5)
    ask("slow", "sleep", 0.3, 0.05)
    ask("slow", "sleep", 0.01, None)
    print(call("machine", "sort", [0.03, 0.01, 0.02]))
    ask("slow", "die", 1, 5)
    wait_until(lambda: call("slow", "sleep", 0)[0])
    ask("slow", "sleep", 0.01, 5)


Supervisor(modules=[Slow, Machine, child(drive, restart="transient", significant=True)])
