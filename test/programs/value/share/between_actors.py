import numpy
from baseline import counts, settled
from share_holder import address, child_of

from rebeam import (
    DynamicSupervisor,
    GenPy,
    async_,
    await_,
    call,
    call_many,
    receive,
    run_register_process,
)

run_register_process(DynamicSupervisor(name="holders", max_restarts=1_000_000))


class Sender(GenPy):
    @receive("go")
    def go(self, message):
        array = numpy.ones(1_000_000)
        answers = [call(message, "back", array)[1] for _ in range(3)]
        print([address(each) == address(array) for each in answers])
        try:
            array[0] = 2
        except ValueError as error:
            print(error)
        [(_, many)] = call_many([(message, "back", [array, "x"])], timeout=5)
        print(address(many[0]) == address(array), many[1])
        task = async_(lambda: array)
        print(address(await_(task)) == address(array))
        data = b"a" * 1_000_000
        print(call(message, "back", {"data": [data]})[1]["data"][0] is data)
        return array


def main():
    holder, sender = child_of(), run_register_process(Sender)
    before = counts(("actors", "shared", "suspended", "queued"))
    returned = call(sender, "go", holder)[1]
    print(returned.sum(), returned.flags.writeable)
    status, reason = call(holder, "write", returned)
    print(status, reason.strip().splitlines()[-1][-85:])
    del returned
    before["actors"] -= 1
    print(settled(before, cycles=True))


main()
