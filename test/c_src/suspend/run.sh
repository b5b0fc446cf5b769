#!/bin/sh
# The suspension tests: run.sh [python...]; SANITIZE=1 with the address and undefined behaviour sanitizers.
# Each file runs as it is, and with every call a suspension point.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../../build/suspend
preload=
if [ -n "${SANITIZE:-}" ]; then
    out=$out-sanitize
    preload=$(${CC:-cc} -print-file-name=libasan.so):$(${CC:-cc} -print-file-name=libubsan.so)
    "$here/build.sh" "$out" -fsanitize=address,undefined -fno-omit-frame-pointer \
        -fno-sanitize-recover=undefined
    # CPython itself keeps memory until the process ends.
    export ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc
else
    "$here/build.sh" "$out"
fi
export REBEAM_TEST_NATIVE="$out"
for python in "${@:-python3}"; do
    for mode in '' all; do
        echo "== $("$python" --version), REBEAM_SUSPEND=$mode"
        (cd "$here" && LD_PRELOAD=$preload REBEAM_SUSPEND=$mode "$python" -m unittest -q)
    done
done
