#!/bin/sh
# Turns production back to an earlier version: ./scripts/rollback.sh --version=1.2.0
# Thin on purpose: the gates, the record and the announcement are those of `release-bot rollback`.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/release-bot.sh"
run_release_bot rollback "$@"
