import array
import dataclasses
import datetime

from rebeam import GenPy, Supervisor, receive


@dataclasses.dataclass
class Order:
    number: int
    lines: list


class Echo(GenPy):
    name = "echo"

    @receive("same")
    def same(self, message):
        return message

    @receive("objects")
    def objects(self):
        shared = [1]
        first = Order(1, shared)
        second = Order(2, [first, shared])
        return {"first": first, "all": [first, second, shared], "big": Order(3, b"x" * 500_000)}

    @receive("check")
    def check(self, message):
        first, second = message["first"], message["all"][1]
        assert [type(each) for each in message["all"]] == [Order, Order, list]
        assert (first.number, first.lines, message["all"][2]) == (1, [1], [1])
        assert second.number == 2 and second.lines[0] == first
        assert second.lines[0].lines is second.lines[1]
        assert message["big"].lines == b"x" * 500_000
        return "well"

    @receive("memory")
    def memory(self):
        return [
            memoryview(b"ab" * 100_000),
            array.array("d", [1.5]),
            b"x" * 200_000,
            bytearray(b"y" * 200_000),
            Order,
            len,
        ]

    @receive("mixed")
    def mixed(self):
        odd = datetime.timezone(datetime.timedelta(microseconds=1))
        return [
            datetime.datetime(2024, 1, 1, tzinfo=odd),
            datetime.datetime(2024, 1, 1),
            datetime.time(1, tzinfo=odd),
            datetime.time(1),
        ]

    @receive("kinds")
    def kinds(self, message):
        return [type(each).__name__ for each in message]

    @receive("read-only")
    def read_only(self, message):
        return message.readonly, message.format, message.shape, message.tolist()


Supervisor(modules=[Echo])
