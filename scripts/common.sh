# What the scripts beside this one share; they source it, in the project.
# shellcheck shell=bash

fail() {
    printf 'stack: %s\n' "$*" >&2
    exit 1
}

# One at a time: ends with the process, also with one that is killed.
lock() {
    local folder=.stack.lock other
    until mkdir "$folder" 2>/dev/null; do
        other=$(cat "$folder/pid" 2>/dev/null || true)
        if [ -n "$other" ] && ! kill -0 "$other" 2>/dev/null; then
            rm -rf "$folder"
            continue
        fi
        fail "another make up or restore is going on (process ${other:-unknown}); if not, delete $folder"
    done
    echo "$$" >"$folder/pid"
    trap unlock EXIT
}

unlock() {
    rm -rf .stack.lock
}
