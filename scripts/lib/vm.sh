# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# QEMU: a stock 6.12 or our 7.2 debug kernel over a read-only root with an overlay.

VM_TIMEOUT=${NOVA_VM_TIMEOUT:-2400}
VM_BASE_MODULES="virtio_pci virtio_console 9pnet_virtio 9p overlay"

# Options common to vm and igt; what is left begins with $VM_LEFT more arguments
vm_defaults() {
	VM_KEY=6.12 VM_CHIP=tu102 VM_VRAM='' VM_BAR1='' VM_MEMORY='' VM_ROOT=/ VM_MORE='' VM_GCOV=no
}

# vm_option NAME VALUE: succeeds if it is one
vm_option() {
	case $1 in
	--kernel) VM_KEY=$2 ;;
	--chip) VM_CHIP=$2 ;;
	--vram) VM_VRAM=$2 ;;
	--bar1) VM_BAR1=$2 ;;
	--memory) VM_MEMORY=$2 ;;
	*) return 1 ;;
	esac
	case $VM_KEY in
	7.2) VM_KEY=x86-debug ;;
	6.12|x86-debug) ;;
	*) die "unknown kernel $VM_KEY (6.12 or 7.2)" ;;
	esac
}

# vm_prepare: the kernel, its modules and ours
vm_prepare() {
	need_busybox
	need_modules "$VM_KEY"
	if [ "$VM_KEY" = 6.12 ]; then
		VM_IMAGE=$STOCK/boot/vmlinuz-$(cat "$STOCK/release")
		: "${VM_MEMORY:=1024}"
	else
		VM_IMAGE=$(kernel_dir "$(modules_config "$VM_KEY")")/arch/x86/boot/bzImage
		: "${VM_MEMORY:=3072}"
	fi
	vm_accelerator
}

# KVM only after it has booted this kernel once: the device node alone promises nothing
vm_accelerator() {
	VM_ACCEL="-accel tcg,thread=multi -cpu max"
	[ -w /dev/kvm ] || return 0
	verdict=$BUILD/kvm-$(cat /proc/sys/kernel/random/boot_id)
	if [ ! -e "$verdict" ]; then
		rm -f "$BUILD"/kvm-*
		if try_step "probe KVM" vm_probe; then
			echo yes >"$verdict"
		else
			say "KVM does not boot this kernel: software emulation instead"
			echo no >"$verdict"
		fi
	fi
	[ "$(cat "$verdict")" = no ] || VM_ACCEL="-accel kvm -cpu host"
}

# Time that follows the instructions of the guest and not a clock that runs on while the host is
# busy: for tests that are written for real machines and wait for milliseconds
vm_guest_time() {
	case $VM_ACCEL in
	*tcg*) VM_ACCEL="-accel tcg,thread=single -icount shift=0,sleep=off -cpu max" ;;
	esac
}

vm_probe() {
	probe=$BUILD/vm-probe
	initramfs_begin "$probe.d" probe-init && initramfs_end "$probe.d" "$probe" || return
	timeout -k 5 20 qemu-system-x86_64 -accel kvm -cpu host -M q35 -m 512 -nographic \
		-no-reboot -kernel "$VM_IMAGE" -initrd "$probe" \
		-append "console=ttyS0 panic=-1" </dev/null >"$probe.log" 2>&1
	grep -aq nova-guest:.probe "$probe.log"
}

# Modules of the kernel's own that are wanted beside ours, after them
vm_more_modules() {
	for name in $VM_MORE; do
		module_file "$VM_KEY" "$name"
	done
}

# vm_root DIR INTERACTIVE: DIR/root, the initramfs
vm_root() {
	d=$1/root.d
	initramfs_begin "$d" vm-init
	base=
	for name in $VM_BASE_MODULES; do
		base="$base $(module_file "$VM_KEY" "$name")"
	done
	# shellcheck disable=SC2086,SC2046
	initramfs_modules "$d" modules.base "$VM_KEY" $base &&
		initramfs_modules "$d" modules.all "$VM_KEY" $(our_modules "$VM_KEY") || return
	grep -vE '^(nova_.*|drm_nova)\.ko$' "$d/modules.all" >"$d/modules.deps"
	grep -E '^(nova_.*|drm_nova)\.ko$' "$d/modules.all" |
		sed "s/^nova_swgpu.ko\$/& chip=$VM_CHIP${VM_VRAM:+ vram_mb=$VM_VRAM}${VM_BAR1:+ bar1_mb=$VM_BAR1}/" \
		>"$d/modules.ours"
	# shellcheck disable=SC2086,SC2046
	initramfs_modules "$d" modules.more "$VM_KEY" $(vm_more_modules) || return
	window=$(stty size 2>/dev/null) || window="24 80"
	cat >"$d/parameters" <<-END
		TREE='$TOP' ROOT='$VM_ROOT' INTERACTIVE=$2
		ROWS=${window% *} COLUMNS=${window#* }
	END
	initramfs_end "$d" "$1/root"
}

# vm_quote ARGUMENT...: as shell words
vm_quote() {
	for word in "$@"; do
		printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"
	done
}

# What tests are told through the environment, for how long and how much, if the caller says so
VM_ENVIRONMENT="NOVA_IGT_SECONDS NOVA_LOAD NOVA_RACE_SECONDS NOVA_STRESS_SECONDS"

vm_environment() {
	for variable in $VM_ENVIRONMENT; do
		eval "value=\${$variable:-}"
		[ -z "$value" ] || say "export $variable=$(vm_quote "$value")"
	done
}

# vm_command DIR ARGUMENT...: what the guest runs
vm_command() {
	command_file=$1/out/command
	shift
	{
		say 'export HOME=/root TERM=${TERM:-linux} LANG=C.UTF-8'
		say 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
		vm_environment
		say "export NOVA_MODULE=$(vm_quote "$(modules_dir "$VM_KEY")/drm_nova.ko")"
		[ "$VM_ROOT" != / ] || say "cd $(vm_quote "$PWD")"
		if [ $# -gt 0 ]; then
			say "$(vm_quote "$@")"
		else
			say 'echo "drm_nova test machine; exit ends it"; exec /bin/sh -i'
		fi
	} >"$command_file"
}

# vm_qemu DIR LIMIT: one boot; the guest's output is ours, the kernel's log is DIR/console
vm_qemu() {
	tree_share=
	[ "$VM_ROOT" = / ] || tree_share="-virtfs local,path=$TOP,mount_tag=tree,security_model=none,readonly=on,multidevs=remap"
	# shellcheck disable=SC2086
	timeout --foreground -k 5 "$2" qemu-system-x86_64 $VM_ACCEL -M q35 -m "$VM_MEMORY" -smp 2 \
		-display none -monitor none -nodefaults -no-reboot \
		-kernel "$VM_IMAGE" -initrd "$1/root" \
		-append "console=ttyS0 loglevel=5 panic=-1 log_buf_len=4M kunit.autorun=0" \
		-serial "file:$1/console" \
		-device virtio-serial-pci -chardev stdio,id=out,signal=off \
		-device virtconsole,chardev=out \
		-virtfs "local,path=$VM_ROOT,mount_tag=root,security_model=none,readonly=on,multidevs=remap" \
		$tree_share \
		-virtfs "local,path=$1/out,mount_tag=out,security_model=none,multidevs=remap"
}

# vm_run DIR [CMD...]: boots and runs; DIR keeps console, out/dmesg and out/status.
# Returns CMD's status, or 125 if the machine or the kernel misbehaved.
vm_run() {
	dir=$1
	shift
	rm -rf "$dir"
	mkdir -p "$dir/out"
	[ "$VM_GCOV" = no ] || mkdir "$dir/out/gcov"
	vm_command "$dir" "$@"
	interactive=0 limit=$VM_TIMEOUT input=/dev/null
	[ $# -gt 0 ] || interactive=1 limit=1000000 input=/dev/stdin
	step "make the guest's root" vm_root "$dir" "$interactive"
	for attempt in 1 2; do
		vm_qemu "$dir" "$limit" <$input || :
		grep -aq 'nova-guest: init' "$dir/console" && break
		say "the guest did not start (attempt $attempt, log: $dir/console)" >&2
	done
	vm_verdict "$dir"
}

vm_verdict() {
	log=$1/out/dmesg
	[ -s "$log" ] || log=$1/console
	awk '/nova-guest: (init|start)/ { on = 1 } on' "$log" >"$1/log"
	if [ ! -s "$1/out/status" ] || ! grep -aq 'nova-guest: end' "$1/log"; then
		tail -n 40 "$1/log" >&2
		say "the guest did not reach its end (log: $log)" >&2
		return 125
	fi
	if grep -a 'nova-guest: failed: ' "$1/log" >&2; then
		say "modules do not load or unload (log: $log)" >&2
		return 125
	fi
	python3 "$TOP/scripts/splats.py" "$1/log" >&2 || {
		say "the kernel complained (log: $log)" >&2
		return 125
	}
	return "$(cat "$1/out/status")"
}

cmd_vm() {
	vm_defaults
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		vm_option "$1" "${2:-}" || die "vm: unknown option $1"
		shift 2
	done
	[ $# = 0 ] || shift
	vm_prepare
	vm_run "$BUILD/vm" "$@"
}
