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

# step TITLE COMMAND...: runs COMMAND silently, shows its time. A failure ends the run, with the
# end of the output unless COMMAND, or the system, gave the reason in a line.
step() {
	try_step "$@" && return 0
	reason=$(sed -n 's/^dev: //p' "$STEP_LOG" | tail -n 1)
	if grep -q 'No space left on device' "$STEP_LOG"; then
		reason='the disk is full'
	elif [ -z "$reason" ]; then
		reason=failed
		tail -n 25 "$STEP_LOG" >&2
	fi
	die "$1: $reason (log: $STEP_LOG)"
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
