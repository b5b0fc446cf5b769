"""Opens each file that is named as the table "kept", and says what is in it, or why not."""

import sys

from rebeam import Table

if __name__ == "__main__":
    for path in sys.argv[1:]:
        try:
            table = Table("kept", type="ordered_set", file=path)
        except (ValueError, OSError, RuntimeError) as error:
            print(type(error).__name__, error)
        else:
            rows = table.snapshot()
            table.put("z", 0)  # it can be written to
            assert table.snapshot() == {**rows, "z": 0}
            print(rows)
            table.drop()
