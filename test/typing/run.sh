#!/bin/sh
# Checks test/typing/project as its user would: rebeam installed by pip, plainly and with -e, and
# then mypy --strict and pyright. run.sh FOLDER: the virtual environment that has the two.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
tools=$(cd "$1" && pwd)
user=$root/build/typing

# Programs that pyright's package fetches stay in the build folder.
export PYRIGHT_PYTHON_CACHE_DIR="$tools/pyright" PYRIGHT_PYTHON_IGNORE_WARNINGS=1

export REBEAM_WITHOUT_RUNTIME=1 # which has no types

"$here/../environment" "$user" "$tools/bin/python"

cd "$here/project"
for how in '' --editable; do
    "$user/bin/pip" uninstall --quiet --yes rebeam 2>/dev/null
    # shellcheck disable=SC2086 # none, or one word
    "$user/bin/pip" install --quiet --no-build-isolation --no-deps $how "$root/python"
    "$tools/bin/mypy" --no-error-summary --cache-dir "$user/mypy" \
        --python-executable "$user/bin/python" .
    "$tools/bin/pyright" --pythonpath "$user/bin/python" . >"$user/pyright" || {
        cat "$user/pyright"
        exit 1
    }
done
