# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# User Mode Linux: KUnit, and the kernel that benchmarks are timed on.

UML_TIMEOUT=${NOVA_UML_TIMEOUT:-1200}

# uml_root KEY FILE [PARAMETER]: an initramfs with what was built for KEY; PARAMETER is the driver's
uml_root() {
	initramfs_begin "$2.d" uml-init
	# shellcheck disable=SC2046
	initramfs_modules "$2.d" modules.all "$1" $(our_modules "$1") || return
	grep -E '^(nova_.*|drm_nova)\.ko$' "$2.d/modules.all" |
		sed "/^drm_nova/s/\$/ ${3:-}/" >"$2.d/modules.ours"
	grep -vE '^(nova_.*|drm_nova)\.ko$' "$2.d/modules.all" >"$2.d/modules.deps"
	initramfs_end "$2.d" "$2"
}

# uml_boot KEY ROOT LOG KERNEL-ARGUMENT...: boots, the kernel's log goes to LOG
uml_boot() {
	linux=$(kernel_dir "$(modules_config "$1")")/linux root=$2 log=$3
	shift 3
	timeout -k 5 "$UML_TIMEOUT" "$linux" "mem=${UML_MEMORY:-512M}" initrd="$root" root=/dev/ram0 \
		con=null con0=null,fd:1 log_buf_len=4M panic=-1 "$@" </dev/null >"$log" 2>&1 || :
	grep -aq 'nova-guest: end' "$log" || {
		say "the guest did not reach its end"
		tail -n 20 "$log"
		return 1
	}
}

# All suites in one boot with kmemleak, under which an allocation takes ten times as long. So random
# binds are few there, and many in a boot without it, beside the first.
cmd_kunit() {
	kunit_key=uml-kunit
	if [ "${1:-}" = --kasan ]; then
		kunit_key=uml-kasan
		shift
	fi
	need_busybox
	need_modules $kunit_key
	if [ $# -gt 0 ]; then
		kunit_boot $kunit_key $kunit_key '' kunit.filter_glob="$1" kmemleak=off
	elif [ $kunit_key = uml-kasan ]; then
		kunit_boot uml-kasan uml-kasan ''
	else
		kunit_boot uml-kunit uml-kunit-binds '' kunit.filter_glob='nova-bind-random*' \
			kmemleak=off &
		kunit_failed=0
		kunit_boot uml-kunit uml-kunit bind_test_calls=5000 nova.leaks=1 || kunit_failed=1
		wait $! || kunit_failed=1
		return $kunit_failed
	fi
}

# kunit_boot KEY NAME PARAMETER KERNEL-ARGUMENT...: one boot; PARAMETER is the driver's
kunit_boot() {
	kunit_key=$1 kunit_name=$2
	run=$BUILD/$2
	mkdir -p "$run" "$BUILD/results"
	step "make the root for $2" uml_root "$1" "$run/root" "$3"
	shift 3
	try_step "run KUnit on $kunit_name" uml_boot "$kunit_key" "$run/root" "$run/log" "$@" || :
	python3 "$TOP/scripts/ktap.py" "$run/log" "$BUILD/results/$kunit_name"
}

# The negative control of lockdep: a boot in which a test allocates under a lock that reclaim may
# wait for. Lockdep then gives up, so no other test can be in that boot; what passes here is the
# splat that anywhere else is a failure.
test_lockdep() {
	need_busybox
	need_modules uml-kunit
	control=$BUILD/uml-kunit/control
	mkdir -p "$BUILD/uml-kunit"
	uml_root uml-kunit "$control" lockdep_control=1 || return
	uml_boot uml-kunit "$control" "$control.log" kmemleak=off \
		kunit.filter_glob='nova-vmm-fault.lockdep_objects*' || return
	grep -a -A 12 'possible circular locking dependency' "$control.log" &&
		grep -aq 'already holding lock' "$control.log" &&
		grep -aq 'at: lockdep_objects_to_an_allocation' "$control.log" &&
		grep -aEq ' ok 1 lockdep_objects_to_an_allocation_under_the_map_lock$' "$control.log"
}
