"""Actors of a module that is loaded again, one in the placement that the argument names."""

import sys

from front_prices import Price

from rebeam import Supervisor, child


def main():
    Supervisor([Price("near"), child(Price("apart"), isolation=sys.argv[1])])


if __name__ == "__main__":
    main()
