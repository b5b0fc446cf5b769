from rebeam import GenPy, call, cast, receive, response_error, response_ok, sleep, stop

ended = []


class Counter(GenPy):
    def __init__(self, first=0):
        self.n = first

    @receive("add")
    def add(self, message):
        if message < 0:
            raise ValueError("negative")
        self.n += message
        return response_ok(self.n)

    @receive("slow")
    def slow(self):
        sleep(30)

    @receive("buy")
    def buy(self, message):
        status, price = call("prices", "price", message)
        if not status:
            return response_error(price)
        cast("audit", "bought", (message, price))
        return price * self.n

    @stop()
    def end(self):
        ended.append(self.n)
