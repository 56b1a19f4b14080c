# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Benchmarks: kernel/bench is a module that runs one benchmark while it is loaded and prints a
# line "nova-bench: {json}" a figure; this runs them on the timing kernel and makes the table.

bench_names() {
	for bench_file in "$TOP"/kernel/bench/nova_bench_*.c; do
		[ ! -e "$bench_file" ] || basename "$bench_file" .c | sed 's/^nova_bench_//'
	done
}

# The units that most benchmarks time are linked into nova_bench.ko: no other module is built here
bench_modules() {
	modules_mirror uml-bench && modules_make uml-bench W=1 CONFIG_DRM_NOVA_MM= \
		CONFIG_DRM_NOVA_SWGPU= CONFIG_DRM_NOVA_BENCH=m modules
}

# "bind" times the driver as it is, which is built in a mirror of its own
bench_driver() {
	modules_mirror uml-bench-driver &&
		make -C "$SOURCE" O="$(kernel_dir uml-bench)" ARCH="$(kernel_arch uml-bench)" \
			M="$(modules_dir uml-bench-driver)" -j"$JOBS" W=1 CONFIG_DRM_NOVA_BENCH= modules
}

# bench_own NAME: modules of ours that benchmark NAME wants to find loaded
bench_own() {
	[ "$1" != bind ] || printf "%s\n" "nova_swgpu.ko chip=gh100 vram_mb=1024 bar1_mb=256" drm_nova.ko
}

bench_root() {
	d=$2/root.d
	initramfs_begin "$d" uml-init
	driver=
	[ "$1" != bind ] || driver=$(modules_dir uml-bench-driver)
	# shellcheck disable=SC2086
	initramfs_modules "$d" modules.all uml-bench ${driver:+$driver/nova_swgpu.ko} \
		${driver:+$driver/drm_nova.ko} "$(modules_dir uml-bench)/nova_bench.ko" || return
	grep -vE '^(nova_.*|drm_nova)\.ko$' "$d/modules.all" >"$d/modules.deps"
	bench_own "$1" >"$d/modules.ours"
	say "nova_bench.ko run=$1 ${BENCH_ROW:+only=$BENCH_ROW}" >>"$d/modules.ours"
	initramfs_end "$d" "$2/root"
}

# cmd_bench [NAME [ROW]]
cmd_bench() {
	BENCH_ROW=${2:-}
	names=$(bench_names | tr '\n' ' ')
	case " $names" in
	" ") die "no benchmark in kernel/bench" ;;
	*" ${1:-} "*) names=$1 ;;
	*) [ $# = 0 ] || die "no benchmark $1 (there are: $names)" ;;
	esac
	need_busybox
	need_kernel uml-bench
	step "build the benchmarks" bench_modules
	modules_warnings "$STEP_LOG"
	case " $names" in
	*" bind "*|" bind") step "build the driver" bench_driver ;;
	esac
	bench_failed=0
	for name in $names; do
		bench_run "$name" || bench_failed=1
	done
	return $bench_failed
}

bench_run() {
	bench_dir=$BUILD/bench/$1.d
	mkdir -p "$bench_dir"
	step "make the root for $1" bench_root "$1" "$bench_dir"
	UML_MEMORY=1536M
	step "run benchmark $1" uml_boot uml-bench "$bench_dir/root" "$bench_dir/log" nova.bench
	python3 "$TOP/scripts/bench.py" "$bench_dir/log" "$BUILD/bench/$1.json"
}
