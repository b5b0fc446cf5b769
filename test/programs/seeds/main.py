"""main() makes a Supervisor and nobody keeps it: it is started all the same."""

from check import check
from genpy_one import GenPyOne
from rebeam import ONE_FOR_ALL, Supervisor, child

import forever


def main():
    print("HELLO, WORLD")
    return Supervisor(
        modules=[
            GenPyOne(name="genpy name"),
            "receiver.py",
            forever,
            child(check, restart="transient", significant=True),
        ],
        strategy=ONE_FOR_ALL,
    )


if __name__ == "__main__":
    main()
