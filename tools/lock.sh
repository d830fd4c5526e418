#!/bin/sh
# Compile the locks from pyproject.toml: lock.sh UV
# Universal (every platform and every Python from 3.11), hashed, and without the name of any host,
# so that they install from whatever index pip is set up with.
set -eu

uv=${1:-uv}
if ! command -v "$uv" >/dev/null; then
    echo "make lock needs uv (pip install uv), or its place: make lock UV=/path/to/uv" >&2
    exit 1
fi

compile() {
    target=$1
    shift
    "$uv" pip compile pyproject.toml "$@" --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links --quiet --output-file "$target"
    { echo "# Compiled from pyproject.toml by \`make lock\`. Do not edit."; cat "$target"; } >"$target.new"
    mv "$target.new" "$target"
    echo "$target: $(grep -c '==' "$target") packages"
}

# A group alone, without what Stopline itself needs.
compile_group() {
    target=$1
    "$uv" pip compile --group "$2" --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links --quiet --output-file "$target"
    { echo "# Compiled from pyproject.toml by \`make lock\`. Do not edit."; cat "$target"; } >"$target.new"
    mv "$target.new" "$target"
    echo "$target: $(grep -c '==' "$target") packages"
}

compile requirements/run.txt --group build
compile requirements/dev.txt --group dev --constraint requirements/run.txt
compile requirements/trials.txt --group trials --constraint requirements/dev.txt
compile_group requirements/calendars.txt calendars
