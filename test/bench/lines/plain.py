"""Pure Python that sends nothing: parts of pyperformance, under the same CPython. A unit of this line is
a round of all of them, as the geometric mean of what each takes."""

import functools
import importlib.util
import math
import pathlib
import time

from bench.line import Goal, Line

line = Line("plain code, pyperformance's", "ms", [Goal(1.0, "python")])

# What each calls, and how often: some 30 ms.
PARTS = {
    "nbody": lambda m: m.bench_nbody(1, m.DEFAULT_REFERENCE, 3_000),
    "fannkuch": lambda m: m.fannkuch(7),
    "richards": lambda m: m.Richards().run(1),
    "deltablue": lambda m: m.delta_blue(100),
    "spectral_norm": lambda m: m.bench_spectral_norm(1),
    "raytrace": lambda m: m.bench_raytrace(1, 24, 24, None),
    "float": lambda m: m.benchmark(10_000),
    "nqueens": lambda m: m.bench_n_queens(6),
}


@functools.cache
def parts():
    """The functions of what there is of them."""
    import pyperformance

    folder = pathlib.Path(pyperformance.__file__).parent / "data-files/benchmarks"
    found = []
    for name, run in PARTS.items():
        path = folder / f"bm_{name}/run_benchmark.py"
        spec = importlib.util.spec_from_file_location(f"bm_{name}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found.append(functools.partial(run, module))
    return found


def measure(count):
    """Milliseconds, in the mean of all."""
    logs = []
    for part in parts():
        part()
        begin = time.perf_counter()
        for _ in range(count):
            part()
        logs.append(math.log((time.perf_counter() - begin) * 1e3 / count))
    return math.exp(sum(logs) / len(logs))


line.ours(3)(measure)
line.entry("python", 3, "pyperformance", "pyperf")(measure)

if __name__ == "__main__":
    line.serve()
