# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# How much of our modules the tests go through: gcov, of the KUnit suites on User Mode Linux and of
# the IGT suite on our 7.2, for both generations. The modules are built once more for it, without
# the checkers' own branches; a guest leaves its counters beside its log.

COVERAGE=$BUILD/coverage
COVERAGE_GOAL=90

# cmd_coverage [--kunit]: a minute with the suites alone, half an hour with IGT
cmd_coverage() {
	case "$#:${1:-}" in
	0:|1:--kunit) ;;
	*) die "coverage: takes --kunit or nothing" ;;
	esac
	rm -rf "$COVERAGE"
	mkdir -p "$COVERAGE"
	coverage_kunit
	[ $# != 0 ] || for chip in tu102 gh100; do
		coverage_igt $chip
	done
	python3 "$TOP/scripts/coverage.py" "$TOP" "$COVERAGE" "$COVERAGE_GOAL"
}

# coverage_take KEY NAME FROM: counters that a guest left in FROM, and the notes of the build they are of
coverage_take() {
	coverage_objects=$(modules_dir "$1")
	mkdir -p "$COVERAGE/$2"
	(cd "$3$coverage_objects" && find . -name '*.gcda') | while read -r counters; do
		mkdir -p "$COVERAGE/$2/${counters%/*}"
		cp "$3$coverage_objects/$counters" "$COVERAGE/$2/$counters" &&
			cp "$coverage_objects/${counters%.gcda}.gcno" "$COVERAGE/$2/${counters%/*}/"
	done
	find "$COVERAGE/$2" -name '*.gcda' | grep -q . || die "coverage: no counters in $3"
}

coverage_kunit() {
	need_busybox
	need_modules uml-gcov
	run=$BUILD/uml-gcov
	rm -rf "$run"
	mkdir -p "$run/gcov"
	step "make the root for uml-gcov" uml_root uml-gcov "$run/root"
	step "run KUnit under gcov" uml_boot uml-gcov "$run/root" "$run/log" \
		kmemleak=off "nova.gcov=$run/gcov"
	coverage_take uml-gcov kunit "$run/gcov"
}

# coverage_igt CHIP: what a test says is for ./dev igt to judge
coverage_igt() {
	need_user igt
	vm_defaults
	VM_KEY=x86-gcov VM_GCOV=yes
	vm_prepare
	VM_ROOT=$FORKY VM_MORE=vgem
	mkdir -p "$BUILD/results"
	try_step "run IGT under gcov, $1" igt_ours "$1" '*' || :
	coverage_take x86-gcov "igt-$1" "$BUILD/igt-x86-gcov-$1/out/gcov"
}
