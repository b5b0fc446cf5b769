"""Runs the files that it is given, one after the other, and shows what each of them raises."""

import sys

from rebeam import _errors, _kept, _trees


def run(path: str) -> None:
    print(f"=== {path}", file=sys.stderr, flush=True)
    with open(path) as file:
        code = compile(file.read(), path, "exec")
    try:
        exec(code, vars(sys.modules["__main__"]))
    except Exception as error:
        _errors.prepare(error)
        trace = error.__traceback__ and error.__traceback__.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
    _trees.take_made()


_kept.body_runs = False  # that of each file is over
for each in sys.argv[1:]:
    run(each)
