from rebeam import GenPy, receive, sleep


class Counter(GenPy):
    def __init__(self, name):
        self.name = name
        self.total = 0
        self.sources = set()

    @receive("add")
    def add(self, message, source):
        sleep(0)
        self.total += message
        self.sources.add(source)
        return self.total

    @receive("get")
    def get(self):
        return self.total

    @receive("double")
    def double(self, message):
        return message * 2
