from value_echo import Echo

from rebeam import call, cast, is_alive, run_register_process


class Ends:
    def __init__(self, error):
        self.error = error

    def __getstate__(self):
        return self.error

    def __setstate__(self, error):
        raise error


class Mute(BaseException):
    def __str__(self):
        raise ValueError("nothing to say")


def exits():
    return Ends(SystemExit(3))


def main():
    echo = run_register_process(Echo)
    for error in (SystemExit(3), KeyboardInterrupt(), GeneratorExit("g"), Mute(), KeyError("k")):
        print(*call(echo, "back", Ends(error)))
        cast(echo, "back", Ends(error))
    print(*call(echo, "make", "exits"))
    print(*call(echo, "back", "alive"), is_alive(echo))


main()
