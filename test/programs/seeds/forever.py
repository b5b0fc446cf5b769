"""A module as a child: it runs as `python forever.py` would, here for ever."""

from rebeam import cast, sleep


def main():
    number = 0
    while True:
        if cast("receiver", "tick", number):
            number += 1
        sleep(0.01)


if __name__ == "__main__":
    main()
