import array
import datetime
import decimal
import importlib.resources  # where zoneinfo looks for a zone that the system lacks
import os
import random
import sys
import zoneinfo

sys.path.insert(0, os.environ["REBEAM_VALUE_TESTS"])
import _rebeam
import rebeam._engine.zone

folder = os.path.dirname(os.path.abspath(__file__))


def write():
    import canary
    from values import Generator

    for n in range(300):
        random_one = Generator(int(sys.argv[2]) + n).value()
        value = [canary.Thing(), canary.call, canary.Thing][n] if n < 3 else random_one
        with open(os.path.join(folder, f"{n}.bin"), "wb") as file:
            file.write(_rebeam.pack([n, value]))


def mutated(data):
    data = bytearray(data)
    for _ in range(random.choice((0, 1, 1, 2, 8))):
        at = random.randrange(1, len(data))
        data[at : at + random.choice((0, 1, 1))] = bytes(
            [random.choice((random.randrange(40), random.randrange(256)))]
        )
    return bytes(data)


def read():
    done = []

    def hook(event, arguments):
        if event in (
            "import",
            "exec",
            "compile",
            "os.system",
            "subprocess.Popen",
            "pickle.find_class",
        ):
            done.append((event, str(arguments[0])))

    random.seed(int(sys.argv[2]))
    read = []
    for n in range(300):
        with open(os.path.join(folder, f"{n}.bin"), "rb") as file:
            read.append(file.read())
    sys.addaudithook(hook)
    outcomes = set()
    for n, data in enumerate(read):
        for again in range(100):
            try:
                _rebeam.unpack(mutated(data) if again else data)
                outcomes.add("ok")
            except Exception as error:
                outcomes.add(
                    "refused" if "only builtin values are taken here" in str(error) else "wrong"
                )
                if n < 3 and not again:
                    print(error)
    print(sorted(outcomes))
    print({each for each in done if not each[1].startswith(("numpy", "tzdata"))} or "nothing")
    print("canary" in sys.modules, "values" in sys.modules)


globals()[sys.argv[1]]()
