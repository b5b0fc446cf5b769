#!/bin/sh
# Builds the `_rebeam` of the suspension tests: build.sh [output folder] [more compiler flags].
# One binary for every CPython from 3.11 on, so any 3.11+ headers will do (PYTHON_INCLUDE).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
native=$here/../../../c_src
out=${1:-$here/../../../build/suspend}
[ $# -gt 0 ] && shift
include=${PYTHON_INCLUDE:-$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')}
mkdir -p "$out"
# shellcheck disable=SC2086
${CC:-cc} -std=c11 -O2 -g -fPIC -shared -fvisibility=hidden -D_GNU_SOURCE \
    -Wall -Wextra -Wshadow -Wconversion -Wswitch-enum -Werror "$@" \
    -iquote "$native" -isystem "$include" "$here"/_testmodule.c \
    "$native"/suspend/*.c "$native"/suspend/*/*.c "$native"/base/python.c \
    "$native"/base/interpreter.c -o "$out/_rebeam.abi3.so"
