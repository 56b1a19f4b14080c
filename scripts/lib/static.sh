# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What a second compiler, its analyser and coccinelle say of the modules. No kernel is built for it:
# the headers of 7.2, prepared for clang, are enough.

need_clang() {
	host_need "clang-$LLVM_VERSION" "lld-$LLVM_VERSION" "llvm-$LLVM_VERSION"
	need_kernel uml-clang
}

# static_ours LOG: what it says of our files, as FILE:LINE:COLUMN; the kernel's headers have warnings
# of their own
static_ours() {
	grep -A6 -E "^($(modules_dir uml-clang)/|\\./)?[a-z_]+/[^ ]*\\.[ch]:[0-9]+:[0-9]+" "$1"
}

# static_make NAME OPTION...: fails with the build, or if it has something to say of ours
static_make() {
	static_log=$BUILD/log/$1.out
	shift
	modules_make uml-clang "$@" modules >"$static_log" 2>&1 || {
		tail -n 40 "$static_log"
		return 1
	}
	! static_ours "$static_log"
}

# All of it, tests included, without a warning
test_clang() {
	modules_mirror uml-clang || return
	find "$(modules_dir uml-clang)" -name '*.o' -delete
	static_make clang W=1
}

# Clang's analyser, on each source as test_clang has built it
test_analyzer() {
	static_make analyzer C=2 CHECKFLAGS= \
		"CHECK=clang-$LLVM_VERSION -x c --analyze --analyzer-output text"
}

# The kernel's own scripts that report, but those in OCaml, which would need its compiler, and the one
# that takes sums of sizes for sums of bits. After test_clang, in the folder it builds in.
test_coccinelle() {
	cd "$(modules_dir uml-clang)" || return
	grep -rl '^virtual report' "$SOURCE/scripts/coccinelle" | sort | while read -r rules; do
		[ "${rules##*/}" != orplus.cocci ] || continue
		! grep -q ':ocaml' "$rules" || continue
		# shellcheck disable=SC2046
		spatch -D report --no-show-diff --very-quiet --cocci-file "$rules" \
			$(sed -n 's|^// *Options: *||p' "$rules") --dir . -I include \
			--jobs "$JOBS" || exit 1
	done >"$BUILD/log/coccinelle.out" 2>&1 || return
	! static_ours "$BUILD/log/coccinelle.out"
}

# static_all RUN: each by RUN, which takes a name and a command
static_all() {
	host_need coccinelle
	need_clang
	"$1" "build with clang without a warning" test_clang
	"$1" "analyse with clang" test_analyzer
	"$1" "coccinelle" test_coccinelle
}

cmd_static() {
	[ $# = 0 ] || die "static: takes no argument"
	static_all step
}
