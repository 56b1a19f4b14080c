# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Our modules, built outside the source tree: build/mod-KEY mirrors kernel/ and uapi/,
# one mirror a kernel, so that objects of several kernels never meet.
# KEY is 6.12 or the name of a 7.2 configuration (uml-kunit, uml-bench, x86-debug), or x86-suites:
# modules with their KUnit suites for x86-debug; or uml-gcov, x86-gcov: modules that count what they
# run through.

# modules_config KEY: the configuration of the kernel they are for
modules_config() {
	case $1 in
	x86-suites|x86-gcov) say x86-debug ;;
	uml-gcov) say uml-kunit ;;
	*) say "$1" ;;
	esac
}

# modules_arguments KEY: of make. Suites for modules whose kernel was configured without them; gcov
# without checkers, whose branches would count as ours.
modules_arguments() {
	case $1 in
	x86-suites)
		say CONFIG_DRM_NOVA_KUNIT_TEST=y KCFLAGS=-DCONFIG_DRM_NOVA_KUNIT_TEST=1
		;;
	*-clang)
		say "LLVM=-$LLVM_VERSION KBUILD_MODPOST_WARN=1"
		;;
	*-gcov)
		say GCOV_PROFILE=y KCOV_INSTRUMENT=n KASAN_SANITIZE=n UBSAN_SANITIZE=n
		;;
	esac
}

modules_dir() {
	printf '%s/mod-%s/kernel\n' "$BUILD" "$1"
}

# Only what differs is copied and gets a new date, so make sees changes and no others
modules_mirror() {
	mirror_dir=$BUILD/mod-$1
	mkdir -p "$mirror_dir"
	rsync -rl --checksum --delete --exclude='*.o' --exclude='*.ko' --exclude='*.cmd' \
		--exclude='*.mod' --exclude='*.mod.c' --exclude='*.a' --exclude='*.o.d' \
		--exclude=Module.symvers --exclude=modules.order --exclude='.*.d' \
		--exclude=.tmp_* --exclude='*.gcda' --exclude='*.gcno' \
		"$TOP/kernel" "$TOP/uapi" "$mirror_dir/"
}

# modules_make KEY ARGUMENT...: the kernel's make for our tree
modules_make() {
	key=$1
	shift
	m=$(modules_dir "$key")
	if [ "$key" = 6.12 ]; then
		release=$(cat "$STOCK/release")
		src=$STOCK/usr/src/linux-headers
		make -C "$src-${release%-amd64}-common" O="$src-$release" M="$m" \
			CONFIG_DEBUG_INFO_BTF_MODULES= -j"$JOBS" "$@"
	else
		# shellcheck disable=SC2046
		make -C "$SOURCE" O="$(kernel_dir "$(modules_config "$key")")" \
			ARCH="$(kernel_arch "$key")" M="$m" -j"$JOBS" $(modules_arguments "$key") "$@"
	fi
}

# modules_build KEY ARGUMENT...: builds; the caller has made the kernel available
modules_build() {
	modules_mirror "$1" && modules_make "$@" W=1 modules
}

need_modules() {
	if [ "$1" = 6.12 ]; then
		need_stock
	else
		need_kernel "$(modules_config "$1")"
	fi
	exec 8>"$BUILD/mod-$1.lock"
	flock 8
	step "build modules for $1" modules_build "$1"
	exec 8>&-
	modules_warnings "$STEP_LOG"
}

# Compiler warnings of a log, on the caller's terminal
modules_warnings() {
	grep -A6 -E 'warning: |Warning: ' "$1" >&2 || :
}

# kernel_tree KEY: where the modules that belong to the kernel are
kernel_tree() {
	if [ "$1" = 6.12 ]; then
		say "$STOCK"
	else
		kernel_dir "$(modules_config "$1")"
	fi
}

# module_file KEY NAME: the kernel's own module of that name, if it is one
module_file() {
	pattern=$(printf '%s' "$2" | sed 's/[-_]/[-_]/g')
	find "$(kernel_tree "$1")" \( -name "$pattern.ko" -o -name "$pattern.ko.xz" \) -print |
		head -n 1
}

# module_order KEY FILE...: FILEs and all that they depend on, in loading order
module_order() {
	order_key=$1
	shift
	for file in "$@"; do
		module_visit "$file"
	done | awk '!seen[$0]++'
}

# A dependency's own come first; what is one of ours is in the caller's list already
module_visit() {
	modinfo -F depends "$1" | tr ',' '\n' | while read -r dep; do
		[ -n "$dep" ] || continue
		found=$(module_file "$order_key" "$dep")
		[ -z "$found" ] || module_visit "$found"
	done
	printf '%s\n' "$1"
}

# our_modules KEY: those that exist, in loading order. The software GPU is first: with KUnit
# the driver's tests call its hooks.
our_modules() {
	for name in nova_swgpu drm_nova; do
		[ ! -e "$(modules_dir "$1")/$name.ko" ] || printf '%s\n' "$(modules_dir "$1")/$name.ko"
	done
}
