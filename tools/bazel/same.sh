#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# same.sh MEND [COMMITTED GENERATED]...: fail where committed files are not what is generated now.

set -eu

mend=$1
shift
stale=
while [ $# -gt 0 ]; do
	if ! cmp "$1" "$2"; then
		diff "$1" "$2" | head -20
		stale="$stale $1"
	fi
	shift 2
done
[ -z "$stale" ] || {
	echo "error: stale:$stale; run: $mend" >&2
	exit 1
}
