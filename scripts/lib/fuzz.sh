# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Fuzzers: every fuzz_* program of the user-space build, then the system calls in a machine with all
# checkers on. The corpus of those is in tests/ioctl/corpus; a run leaves what it found in addition
# in build/fuzz-calls/out/corpus.

cmd_fuzz() {
	seconds=${1:-30}
	need_user
	step "build the fuzzers" ninja -C "$USER_BUILD" -j "$JOBS" meson-test-prereq
	find "$USER_BUILD" -type f -perm -u+x -name 'fuzz_*' ! -name '*.*' | sort >"$BUILD/fuzzers"
	[ -s "$BUILD/fuzzers" ] || die "no fuzzer in $USER_BUILD"
	while read -r fuzzer; do
		step "$(basename "$fuzzer") for $seconds s" fuzz_one "$fuzzer" "$seconds"
	done <"$BUILD/fuzzers"
	fuzz_calls "$seconds"
}

# A fuzzer takes the number of seconds as its argument and fails by its exit status
fuzz_one() {
	mkdir -p "$BUILD/fuzz" && cd "$BUILD/fuzz" && timeout -k 5 $(($2 + 30)) "$1" "$2"
}

# fuzz_calls SECONDS: on our 7.2
fuzz_calls() {
	need_user
	vm_defaults
	VM_KEY=x86-debug VM_CHIP=gh100 VM_VRAM=64 VM_BAR1=2
	vm_prepare
	VM_TIMEOUT=$(($1 + VM_TIMEOUT))
	vm_run "$BUILD/fuzz-calls" "$USER_BUILD/tests/ioctl/nova-fuzz" "$1" \
		"$TOP/tests/ioctl/corpus" /run/nova/corpus || die "fuzzing found something"
}
