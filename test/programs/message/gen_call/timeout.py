from baseline import counts, settled
from gen_call_actors import SERVER, Base, a

from rebeam import call, gen_call, run_register_process, sleep


class Asker(Base):
    name = "asker"

    def body(self):
        said = [gen_call(SERVER, (a("after"), 600, "late"), timeout=0.03)]
        said.append(gen_call(SERVER, (a("echo"), 1)))
        said.append(call("other", "extra"))
        said.append(gen_call(SERVER, (a("twice"), 2)))
        sleep(0.7)
        said.append(gen_call(SERVER, (a("after"), 20, 3), timeout=None))
        return [(str(status), response) for status, response in said]


run_register_process(Asker)


class Other(Base):
    name = "other"


run_register_process(Other)
before = counts()
for subject in ("run", "plain"):
    print(call("asker", subject)[1])
print(call("asker", "extra")[1], settled(before))
