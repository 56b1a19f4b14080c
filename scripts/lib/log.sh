# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Messages, and named steps with their time.

say() {
	printf '%s\n' "$*"
}

die() {
	printf 'dev: %s\n' "$*" >&2
	exit 1
}

now_ms() {
	date +%s%3N
}

# since START_MS: seconds passed, with one decimal
since() {
	ms=$(($(now_ms) - $1))
	printf '%d.%d' $((ms / 1000)) $((ms % 1000 / 100))
}

# step TITLE COMMAND...: runs COMMAND silently, shows its time; a failure shows
# the end of its output and ends the run.
step() {
	try_step "$@" && return 0
	tail -n 25 "$STEP_LOG" >&2
	die "failed: $1 (log: $STEP_LOG)"
}

# try_step TITLE COMMAND...: as step, but a failure is the caller's to handle
try_step() {
	title=$1
	shift
	mkdir -p "$BUILD/log"
	STEP_LOG=$BUILD/log/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9.\n' '-').log
	t0=$(now_ms)
	step_ok=ok
	("$@") >"$STEP_LOG" 2>&1 </dev/null || step_ok=failed
	printf '%-58s %7s s  %s\n' "$title" "$(since "$t0")" "$step_ok" >&2
	[ $step_ok = ok ]
}
