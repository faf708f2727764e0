#!/bin/sh
# Resolves the three .in files into hash-pinned locks for every platform. Later locks stay within earlier ones.
# No index address is written: where packages come from is the business of the machine that installs them.
set -eu
uv=$(realpath "$1")
cd "$(dirname "$0")"
compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links "$@"
}
compile runtime.in --output-file runtime.txt
compile embedded.in --constraints runtime.txt --output-file embedded.txt
compile dev.in --constraints runtime.txt --constraints embedded.txt --output-file dev.txt
if grep -n '://' ./*.txt; then
    echo 'an address got into a lock file' >&2
    exit 1
fi
