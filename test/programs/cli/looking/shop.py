"""A shop that somebody looks into from another terminal."""

from rebeam import GenPy, ProcessID, Supervisor, call, cast, receive, sleep, start


class Stock(GenPy):
    name = "stock"

    @receive("take")
    def take(self, message):
        return message - 1

    @receive("count")
    def count(self, message):
        shelves = ["a", "b"]
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
        call("stock", "take", 1, timeout=None)


if __name__ == "__main__":

    class Opening(GenPy):
        @start()
        def open(self):
            cast("stock", "fire")
            cast(ProcessID(), "open")

        @receive("open")
        def wait_for_stock(self):
            while not cast("stock", "take", 1):
                sleep(0.01)
            sleep(0.5)  # the one that burnt is gone
            cast("stock", "count", 3600)
            cast("customer", "wait")
            sleep(0.1)
            print("ready", flush=True)

    Supervisor([Stock(), Till(), Customer(), Orders(), Opening()], name="shop")
