#!/bin/sh
# Tags a release and publishes it: ./scripts/tag_release.sh 1.3.0 "Release notes for v1.3.0"
# Thin on purpose: the gates, the record and the announcement are those of `release-bot tag`.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/release-bot.sh"
run_release_bot tag "$@"
