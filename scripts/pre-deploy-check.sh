#!/bin/sh
# Says whether the release that leaves next may be deployed, and what is missing: ./scripts/pre-deploy-check.sh [1.3.0]
# Thin on purpose: the gates, the record and the announcement are those of `release-bot check`.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/release-bot.sh"
run_release_bot check "$@"
