# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# User-space parts: libdrm_nova, tools, igt-tests, by meson; and the demonstration.

USER_BUILD=$BUILD/meson

user_setup() {
	[ -e "$USER_BUILD/build.ninja" ] || rm -rf "$USER_BUILD"
	reconfigure=
	[ ! -d "$USER_BUILD" ] || reconfigure=--reconfigure
	# shellcheck disable=SC2086
	meson setup --werror $reconfigure "$@" "$USER_BUILD" "$TOP"
}

# need_user: builds everything that needs no IGT; need_user igt: that too
need_user() {
	if [ "${1:-}" = igt ]; then
		need_forky
		configured=$USER_BUILD/.igt
		set -- -Digt_libdir="$FORKY/usr/lib/x86_64-linux-gnu"
	else
		configured=$USER_BUILD/build.ninja
		set --
	fi
	exec 8>"$BUILD/meson.lock"
	flock 8
	if [ ! -e "$configured" ]; then
		step "configure the user-space parts" user_setup "$@"
		touch "$configured"
	fi
	step "build the user-space parts" ninja -C "$USER_BUILD" -j "$JOBS"
	exec 8>&-
	modules_warnings "$STEP_LOG"
}

cmd_demo() {
	[ $# = 0 ] || die "demo: takes no argument"
	vm_defaults
	VM_CHIP=tu102,gh100
	need_user
	vm_prepare
	vm_run "$BUILD/demo" "$TOP/scripts/guest/demo" "$USER_BUILD/tools/nova-demo" ||
		die "the demonstration failed"
	say "demo: ok"
}

cmd_build() {
	case $#:${1:-} in
	0:)
		need_user
		need_modules 6.12
		need_modules uml-kunit
		;;
	1:--debug) need_modules x86-debug ;;
	*) die "build: takes --debug or nothing" ;;
	esac
}

# tools_check KERNEL: the programs users have, in a machine with a GPU of each generation
tools_check() {
	vm_defaults
	vm_option --kernel "$1"
	VM_CHIP=tu102,gh100
	need_user
	vm_prepare
	vm_run "$BUILD/tools-$1" "$TOP/scripts/guest/tools" "$USER_BUILD" "$TOP"
}
