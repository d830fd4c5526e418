#!/bin/sh
# Make the virtual environment: make_venv.sh PYTHON DIRECTORY
# An empty PYTHON means: the first of the usual names that is Python 3.11 or newer.
set -eu

python=$1
venv=$2

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if [ -z "$python" ]; then
    for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do
        if is_new_enough "$candidate"; then
            python=$candidate
            break
        fi
    done
fi
if [ -z "$python" ] || ! is_new_enough "$python"; then
    echo "Stopline needs Python 3.11 or newer; ${python:-no python3 on the PATH} is not. Try: make setup PYTHON=/path/to/python3.11" >&2
    exit 1
fi

echo "making $venv with $("$python" --version) ($python) ..."
if ! "$python" -m venv --clear "$venv"; then
    echo "$python cannot make environments. On Debian and Ubuntu: apt install python3-venv" >&2
    exit 1
fi
