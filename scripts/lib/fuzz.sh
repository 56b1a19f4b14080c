# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Fuzzers: the system calls in a machine with all checkers on, and beside it every fuzz_* program of
# the user-space build. The corpus of the calls is in tests/ioctl/corpus; a run leaves what it found
# in addition in build/fuzz-calls-CHIP/out/corpus.

FUZZ_CHIPS="gh100 tu102"

# cmd_fuzz [SECONDS]: on each chip; the programs share that time
cmd_fuzz() {
	seconds=${1:-30}
	need_user
	step "build the fuzzers" ninja -C "$USER_BUILD" -j "$JOBS" meson-test-prereq
	find "$USER_BUILD" -type f -perm -u+x -name 'fuzz_*' ! -name '*.*' | sort >"$BUILD/fuzzers"
	[ -s "$BUILD/fuzzers" ] || die "no fuzzer in $USER_BUILD"
	# shellcheck disable=SC2086
	fuzz_programs $(($(set -- $FUZZ_CHIPS; say $#) * seconds / $(wc -l <"$BUILD/fuzzers") + 1)) &
	fuzz_failed=0
	for chip in $FUZZ_CHIPS; do
		(fuzz_calls "$chip" "$seconds") || fuzz_failed=1
	done
	wait $! || fuzz_failed=1
	return $fuzz_failed
}

# fuzz_programs SECONDS: each
fuzz_programs() {
	programs_failed=0
	while read -r fuzzer; do
		try_step "$(basename "$fuzzer") for $1 s" fuzz_one "$fuzzer" "$1" || {
			tail -n 40 "$STEP_LOG"
			programs_failed=1
		}
	done <"$BUILD/fuzzers"
	return $programs_failed
}

# A fuzzer takes the number of seconds as its argument and fails by its exit status
fuzz_one() {
	mkdir -p "$BUILD/fuzz" && cd "$BUILD/fuzz" && timeout -k 5 $(($2 + 30)) "$1" "$2"
}

# fuzz_calls CHIP SECONDS: on our 7.2
fuzz_calls() {
	need_user
	vm_defaults
	VM_KEY=x86-debug VM_CHIP=$1 VM_VRAM=64 VM_BAR1=2
	vm_prepare
	VM_TIMEOUT=$(($2 + VM_TIMEOUT))
	vm_run "$BUILD/fuzz-calls-$1" "$USER_BUILD/tests/ioctl/nova-fuzz" "$2" \
		"$TOP/tests/ioctl/corpus" /run/nova/corpus || die "fuzzing found something"
}
