# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# User Mode Linux: KUnit, and the kernel that benchmarks are timed on.

UML_TIMEOUT=${NOVA_UML_TIMEOUT:-600}

# uml_root KEY FILE: an initramfs with what was built for KEY
uml_root() {
	initramfs_begin "$2.d" uml-init
	# shellcheck disable=SC2046
	initramfs_modules "$2.d" modules.all "$1" $(our_modules "$1") || return
	grep -E '^(nova_.*|drm_nova)\.ko$' "$2.d/modules.all" >"$2.d/modules.ours"
	grep -vE '^(nova_.*|drm_nova)\.ko$' "$2.d/modules.all" >"$2.d/modules.deps"
	initramfs_end "$2.d" "$2"
}

# uml_boot KEY ROOT LOG KERNEL-ARGUMENT...: boots, the kernel's log goes to LOG
uml_boot() {
	linux=$(kernel_dir "$1")/linux root=$2 log=$3
	shift 3
	timeout -k 5 "$UML_TIMEOUT" "$linux" mem=512M initrd="$root" root=/dev/ram0 \
		con=null con0=null,fd:1 log_buf_len=4M panic=-1 "$@" </dev/null >"$log" 2>&1 || :
	grep -aq 'nova-guest: end' "$log" || {
		say "the guest did not reach its end"
		tail -n 20 "$log"
		return 1
	}
}

# A chosen suite runs without kmemleak, which makes the boot five times as long
cmd_kunit() {
	kunit_key=uml-kunit
	if [ "${1:-}" = --kasan ]; then
		kunit_key=uml-kasan
		shift
	fi
	need_busybox
	need_modules $kunit_key
	run=$BUILD/$kunit_key
	mkdir -p "$run" "$BUILD/results"
	step "make the root for $kunit_key" uml_root $kunit_key "$run/root"
	if [ $# -gt 0 ]; then
		set -- kunit.filter_glob="$1" kmemleak=off
	else
		set -- nova.leaks=1
	fi
	try_step "run KUnit on $kunit_key" uml_boot $kunit_key "$run/root" "$run/log" "$@" || :
	python3 "$TOP/scripts/ktap.py" "$run/log" "$BUILD/results/$kunit_key"
}
