from rebeam import GenPy, Supervisor, cast, child, receive, sleep, start, stop


class Slow(GenPy):
    @stop()
    def bye(self):
        sleep(5)


class Bad(GenPy):
    name = "bad"

    @start()
    def boot(self):
        cast("bad", "x")

    @receive("x")
    def x(self):
        1 / 0


Supervisor(modules=[child(Slow(), shutdown=0.1), Bad()])
