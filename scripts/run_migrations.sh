#!/bin/sh
# Backs up and migrates the product's database: ./scripts/run_migrations.sh [--backup | --rollback]
# Thin on purpose: the gates, the record and the announcement are those of `release-bot migrate`.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/release-bot.sh"
run_release_bot migrate "$@"
