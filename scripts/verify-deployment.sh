#!/bin/sh
# Checks what is deployed: ./scripts/verify-deployment.sh --service=frontend, or --rollback after a roll-back
# Thin on purpose: the gates, the record and the announcement are those of `release-bot verify`.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/release-bot.sh"
run_release_bot verify "$@"
