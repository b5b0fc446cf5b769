"""What each method answers, and what is refused."""

from rebeam import *


def attempt(function):
    try:
        print(function())
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


def main():
    n, x, flag = Counter("n"), Gauge("x"), Flag("flag")
    print(n.get(), n.add(), n.add(5), n.add(n=-2), n.sub(), n.sub(3), n.set(9), n.reset(), n.get())
    print(n.set(value=2**63 - 1), n.add() == -(2**63), n.sub() == 2**63 - 1, n.sub(-(2**63)), n)
    print(x.get(), x.add(), x.add(0.25), x.sub(1), x.set(3), x.get(), x.reset(), x)
    x.set(float("inf"))
    print(x.get(), x.sub(float("inf")), x.set(0), x.get())
    print(
        flag.get(), flag.set(), flag.set(), bool(flag), flag.clear(), flag.clear(), not flag, flag
    )
    print(Counter("n") is n, Counter("Größe \0").add(), Counter("").add())
    attempt(lambda: n.add(1.5))
    attempt(lambda: n.add(2**63))
    attempt(lambda: n.set())
    attempt(lambda: n.set(None))
    attempt(lambda: n.add(1, 2))
    attempt(lambda: n.add(m=1))
    attempt(lambda: x.add("1"))
    attempt(lambda: Gauge("n").get())
    attempt(lambda: bool(Flag("n")))
    attempt(lambda: Counter(5))
    attempt(lambda: Counter("\ud800").get())


if __name__ == "__main__":
    main()
