# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Everything that must pass. Each suite leaves one line a test in build/results:
# "pass|fail|skip <tab> test <tab> reason"; the total is their sum.

RESULTS=$BUILD/results

# check NAME COMMAND...: a suite of one test, which passes if COMMAND succeeds
check() {
	check_name=$1
	shift
	file=$RESULTS/$(printf '%s' "$check_name" | tr -cs 'A-Za-z0-9.\n' '-')
	if try_step "$check_name" "$@"; then
		printf 'pass\t%s\t\n' "$check_name" >"$file"
	else
		tail -n 40 "$STEP_LOG"
		printf 'fail\t%s\tsee %s\n' "$check_name" "$STEP_LOG" >"$file"
	fi
}

# suite NAME COMMAND...: a command that writes its own results; if it ends without any, or
# fails without a failed test, that is a failure too
suite() {
	suite_name=$1
	shift
	suite_status=0
	touch "$RESULTS/.mark"
	("$@") || suite_status=$?
	written=$(find "$RESULTS" -type f -newer "$RESULTS/.mark" ! -name '.*' -size +0)
	# shellcheck disable=SC2086
	if [ -z "$written" ] || { [ $suite_status != 0 ] && ! grep -q '^fail' $written; }; then
		printf 'fail\t%s\texit status %s\n' "$suite_name" "$suite_status" \
			>"$RESULTS/suite-$suite_name"
	fi
}

# skip NAME REASON
skip() {
	printf 'skip\t%s\t%s\n' "$1" "$2" >"$RESULTS/skip-$1"
}

test_layering() {
	"$TOP/scripts/check-layering" --self-test && "$TOP/scripts/check-layering" "$TOP"
}

# Rebuilt from nothing, so that every warning of ours shows, the compiler's and sparse's. An
# "error" here is sparse failing to parse what the compiler took; its lock contexts know nothing
# of guard(), lockdep does.
test_warnings() {
	key=$1
	modules_mirror "$key" || return
	find "$(modules_dir "$key")" -name '*.o' -delete
	log=$BUILD/log/warnings-$key
	modules_make "$key" W=1 C=1 CF=-Wno-context modules >"$log" 2>&1 || {
		cat "$log"
		return 1
	}
	! grep -A6 -E "^($(modules_dir "$key")/|\./)?[a-z_]+/[^ ]*:[0-9]+:.*warning: " "$log"
}

test_kernel_doc() {
	for doc_tool in "$SOURCE/scripts/kernel-doc" "$SOURCE/tools/docs/kernel-doc"; do
		[ ! -x "$doc_tool" ] || break
	done
	find "$TOP/kernel" "$TOP/uapi" -name '*.[ch]' -exec "$doc_tool" -none -Wall {} + \
		>"$BUILD/log/kernel-doc.out" 2>&1
	doc_status=$?
	sort -u "$BUILD/log/kernel-doc.out"
	[ $doc_status = 0 ] && ! grep -Eqi 'warning|error' "$BUILD/log/kernel-doc.out"
}

# Not asked for: types that judge a patch rather than a file (FILE_PATH_CHANGES,
# MAINTAINERS), and LINUX_VERSION_CODE, which the bridge between two kernels needs. An ERROR
# fails unless scripts/checkpatch.allow has it, with the reason.
test_checkpatch() {
	cd "$TOP" && find kernel uapi -name '*.[ch]' | xargs -n 16 -P "$JOBS" \
		perl "$SOURCE/scripts/checkpatch.pl" \
		--no-tree --no-summary --strict --quiet --terse --show-types \
		--max-line-length=100 --ignore FILE_PATH_CHANGES,LINUX_VERSION_CODE -f |
		grep -v '^total: ' >"$BUILD/log/checkpatch.out"
	rm -f .checkpatch-camelcase.*
	cat "$BUILD/log/checkpatch.out"
	sed -n 's/^#.*//; s/[[:space:]].*//; /./p' "$TOP/scripts/checkpatch.allow" \
		>"$BUILD/log/checkpatch.allow"
	! sed -n 's/^\([^:]*\):[0-9]*: ERROR:\([A-Z_]*\):.*/\1:\2/p' "$BUILD/log/checkpatch.out" |
		grep -vxFf "$BUILD/log/checkpatch.allow"
}

test_cppcheck() {
	cd "$TOP" && grep -v '^#' scripts/cppcheck.allow >"$BUILD/log/cppcheck.allow" &&
		cppcheck -q --enable=warning,portability --std=c11 --error-exitcode=1 -j "$JOBS" \
			-Iigt-tests/shim -Iigt-tests/lib -Ilibdrm_nova -Iuapi \
			--suppressions-list="$BUILD/log/cppcheck.allow" \
			libdrm_nova tools tests igt-tests
}

# Every folder and every file at the top belongs to somebody
test_maintainers() {
	cd "$TOP" && git ls-files >"$BUILD/log/files" && [ -s "$BUILD/log/files" ] || return
	sed 's|/[^/]*$|/|' "$BUILD/log/files" | sort -u | while read -r path; do
		perl "$SOURCE/scripts/get_maintainer.pl" --no-tree --mpath="$TOP/MAINTAINERS" \
			--no-git --no-git-fallback --no-rolestats -f "$path" | grep -q @ || say "$path"
	done >"$BUILD/log/maintainers.out"
	cat "$BUILD/log/maintainers.out"
	[ ! -s "$BUILD/log/maintainers.out" ]
}

test_shell() {
	shellcheck -x "$TOP/dev" "$TOP/.ci/run" "$TOP/scripts/in-tree" "$TOP/scripts/package-install" \
		"$TOP"/scripts/lib/*.sh "$TOP"/scripts/guest/*
}

test_user() {
	need_user igt
	step "build the user-space tests" ninja -C "$USER_BUILD" -j "$JOBS" meson-test-prereq
	status=0
	step_meson "user space: meson test" meson test -C "$USER_BUILD" --no-rebuild \
		--print-errorlogs || status=1
	grep -ah '^line coverage' "$USER_BUILD/meson-logs/testlog.txt" || :
	python3 "$TOP/scripts/meson_results.py" "$USER_BUILD/meson-logs/testlog.json" "$RESULTS/user"
	return $status
}

step_meson() {
	try_step "$@" || {
		tail -n 60 "$STEP_LOG"
		return 1
	}
}

# On our 7.2 with all checkers, which takes ten minutes to build and as long to run. Races are
# run for a minute each. A second compiler and coccinelle take some minutes too.
test_debug_kernel() {
	static_all check
	export NOVA_RACE_SECONDS="${NOVA_RACE_SECONDS:-60}"
	suite igt-debug cmd_igt --kernel 7.2
	suite igt-debug-generic cmd_igt --kernel 7.2 --generic
	check "tools on 7.2" tools_check 7.2
	check "system calls under fuzz" fuzz_calls gh100 60
}

# When ./dev test begins no more of what takes long; the longest of it takes seven minutes
TEST_SECONDS=${NOVA_TEST_SECONDS:-2100}

# Without --debug: as far as the time goes, and IGT on the debug kernel if that is there already; to
# build it takes ten minutes more than a first run may take where it is run by machines.
test_debug_some() {
	if [ "$(test_seconds_left)" -gt 0 ]; then
		suite static static_all check
	else
		skip static "no time left: ./dev static has no limit"
	fi
	if [ ! -e "$(kernel_dir x86-debug)/stamp" ]; then
		skip igt-debug "no debug kernel here: ./dev build --debug makes it"
	elif [ "$(test_seconds_left)" -le 0 ]; then
		skip igt-debug "no time left: ./dev test --debug has no limit"
	else
		NOVA_IGT_SECONDS=$(test_seconds_left)
		export NOVA_IGT_SECONDS
		suite igt-debug cmd_igt --kernel 7.2 --chip gh100
	fi
}

test_seconds_left() {
	say $((TEST_SECONDS - ($(now_ms) - t_test) / 1000))
}

cmd_test() {
	case "$#:${1:-}" in
	0:) debug_kernel=no ;;
	1:--debug) debug_kernel=yes ;;
	*) die "test: takes --debug or nothing" ;;
	esac
	t_test=$(now_ms)
	host_need cppcheck perl shellcheck
	need_stock
	need_source
	rm -rf "$RESULTS"
	mkdir -p "$RESULTS"
	check "layers" test_layering
	check "shell scripts" test_shell
	check "kernel-doc" test_kernel_doc
	check "checkpatch" test_checkpatch
	check "cppcheck" test_cppcheck
	check "maintainers" test_maintainers
	check "documentation" cmd_docs
	suite user test_user
	need_kernel uml-kunit
	check "build for 6.12 without a warning" test_warnings 6.12
	check "build for 7.2 without a warning" test_warnings uml-kunit
	suite kunit cmd_kunit &
	suite kunit-kasan cmd_kunit --kasan
	wait $!
	check "lockdep objects to an allocation under the map lock" test_lockdep
	suite igt cmd_igt
	for bar1 in 0 16 1024; do
		suite "igt-bar1-$bar1" cmd_igt --chip gh100 --bar1 $bar1 'nova_mmap*'
	done
	suite igt-small cmd_igt --chip tu102 --bar1 2 --vram 128 'nova_mmap*'
	suite igt-generic cmd_igt --generic
	check "demonstration" cmd_demo
	check "tools on 6.12" tools_check 6.12
	check "packages" cmd_package
	check "inside a kernel tree" test_intree
	if [ "$debug_kernel" = yes ]; then
		test_debug_kernel
	else
		test_debug_some
	fi
	say
	cat "$RESULTS"/* | awk -F '\t' -v seconds="$(since "$t_test")" '
		{ count[$1]++ }
		$1 != "pass" { print toupper($1) ": " $2 ($3 != "" ? ": " $3 : "") }
		END {
			print "time: " seconds " s"
			printf "%d passed, %d failed, %d skipped\n",
				count["pass"], count["fail"], count["skip"]
			exit count["fail"] > 0 || count["pass"] == 0
		}'
}
