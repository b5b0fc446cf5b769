from baseline import counts, settled
from call_actors import Slow

from rebeam import GenPy, Status, call, cast, receive, run_register_process, sleep


class Relay(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("relay")
    def relay(self, message):
        if message[0]:
            name = f"relay-{message[1] % 20}"
            status, response = call("slow", "quick", message)
            return response
        sleep(0.001 * (message[1] % 3))
        return message


class Asker(GenPy):
    def __init__(self, number):
        self.number = number

    @receive("go")
    def go(self):
        for n in range(100):
            message = (n % 2 == 0, self.number * 1000 + n)
            status, response = call(f"relay-{n % 20}", "relay", message, timeout=60)
            if (status, response) != (Status.OK, message):
                print("wrong", status, message, response)
        cast("sum", "quick", 1)
        return self.number


run_register_process(Slow())
for n in range(20):
    run_register_process(Relay(f"relay-{n}"))
askers = [run_register_process(Asker(n)) for n in range(50)]
before = counts()
for each in askers:
    cast(each, "go")
print([call(each, "go", timeout=80)[1] for each in askers] == list(range(50)))
print(settled(before))
