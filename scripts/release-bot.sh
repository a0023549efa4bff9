# Read by the scripts beside it: finds the bot's command line, installed or in this checkout's .venv.
# From any folder: what is not set is looked for in this checkout. Exit codes are those of the command; 3 means that the bot is not installed.

run_release_bot() {
    root=$(CDPATH='' cd -- "$here/.." && pwd)
    if [ -x "$root/.venv/bin/release-bot" ]; then
        bot=$root/.venv/bin/release-bot
    elif command -v release-bot >/dev/null 2>&1; then
        bot=release-bot
    else
        echo "release-bot is not installed: run 'make setup' in $root first." >&2
        exit 3
    fi
    export RELEASE_POLICY="${RELEASE_POLICY:-$root/release_policy.toml}" DATA_DIR="${DATA_DIR:-$root/data}"
    exec "$bot" "$@"
}
