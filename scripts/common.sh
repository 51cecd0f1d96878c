# Functions for the scripts in this directory, which source it.
# shellcheck shell=bash

fail() {
    printf 'stack: %s\n' "$*" >&2
    exit 1
}

# Allow one script at a time. A lock whose process was killed is removed.
lock() {
    local folder=.stack.lock other
    until mkdir "$folder" 2>/dev/null; do
        other=$(cat "$folder/pid" 2>/dev/null || true)
        if [ -n "$other" ] && ! kill -0 "$other" 2>/dev/null; then
            rm -rf "$folder"
            continue
        fi
        fail "another make up or restore is in progress (process ${other:-unknown}); if not, delete $folder"
    done
    echo "$$" >"$folder/pid"
    trap unlock EXIT
}

unlock() {
    rm -rf .stack.lock
}
