#!/bin/sh
# Watches a running deployment: ./scripts/monitor_deployment.sh --service=backend
# Thin on purpose: the gates, the record and the announcement are those of `release-bot monitor`.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/release-bot.sh"
run_release_bot monitor "$@"
