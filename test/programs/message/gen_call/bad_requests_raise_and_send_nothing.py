import threading

from gen_call_actors import SERVER, Base, a

from rebeam import call, gen_call, gen_cast, run_register_process


class Asker(Base):
    name = "asker"

    def body(self):
        said = []
        for attempt in (
            lambda: gen_call(SERVER, {"rows": [threading.Lock()]}),
            lambda: gen_cast(SERVER, (1, threading.Lock())),
            lambda: gen_call(SERVER, a("surely no atom of anybody")),
            lambda: gen_call(5, 1),
            lambda: gen_call(SERVER, 1, timeout=-1),
            lambda: gen_cast(("x",), 1),
            lambda: gen_call("other", 1),
        ):
            try:
                said.append(repr(attempt()))
            except Exception as error:
                said.append(f"{type(error).__name__}: {error}")
        return said


class Other(Base):
    name = "other"


run_register_process(Other)
run_register_process(Asker)
for line in call("asker", "run")[1]:
    print(line)
print(gen_call(SERVER, a("casts")))
