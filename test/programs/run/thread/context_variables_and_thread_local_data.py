import contextvars
import decimal

from thread_actors import Counter

from rebeam import GenPy, call, cast, receive, run_register_process, sleep

run_register_process(Counter("counter"))
variable = contextvars.ContextVar("variable", default="default")


class Setter(GenPy):
    def __init__(self, number):
        self.number = number

    @receive("set")
    def set(self):
        seen = variable.get()
        variable.set(self.number)
        decimal.getcontext().prec = self.number + 5
        sleep(0.01)
        return seen, variable.get(), decimal.getcontext().prec


setters = [run_register_process(Setter(n)) for n in range(5)]
for each in setters:
    cast(each, "set")
print([call(each, "set")[1][1:] for each in setters])
print(variable.get(), decimal.getcontext().prec)
