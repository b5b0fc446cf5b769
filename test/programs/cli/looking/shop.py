"""A shop that somebody looks into from another terminal."""

from waiting import replaced, wait_until

from rebeam import GenPy, ProcessID, Supervisor, call, cast, receive, sleep, start, whereis

begun = []


class Stock(GenPy):
    name = "stock"

    @receive("take")
    def take(self, message):
        return message - 1

    @receive("count")
    def count(self, message):
        shelves = ["a", "b"]
        begun.append("count")
        sleep(message)
        return shelves

    @receive("fire")
    def fire(self):
        raise RuntimeError("it burns")


class Orders(GenPy):
    name = "orders"

    @start(continues=True)
    def begin(self):
        while True:
            call("till", "take", 3)
            sleep(0.01)


class Till(GenPy):
    name = "till"

    @receive("take")
    def take(self, message):
        return message


class Customer(GenPy):
    name = "customer"

    @receive("wait")
    def wait(self):
        begun.append("wait")
        call("stock", "take", 1, timeout=None)


if __name__ == "__main__":

    class Opening(GenPy):
        @start()
        def open(self):
            self.first = whereis("stock")
            cast("stock", "fire")
            cast(ProcessID(), "open")

        @receive("open")
        def wait_for_stock(self):
            replaced("stock", self.first)
            cast("stock", "count", 3600)
            wait_until(lambda: begun == ["count"])
            cast("customer", "wait")
            wait_until(lambda: begun == ["count", "wait"])
            sleep(0.1)  # in that call
            print("ready", flush=True)

    Supervisor([Stock(), Till(), Customer(), Orders(), Opening()], name="shop")
