# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The kernels: stock 6.12 LTS, and our builds of 7.2 (uml-kunit, uml-bench, x86-debug). Of
# uml-clang there is only what modules are built with.
# A build of 7.2 is named after a hash of all that decides its content, so checkouts
# that agree share it and others do not disturb it.

LLVM_VERSION=19
STOCK=$NOVA_CACHE/linux-6.12
SOURCE=$NOVA_CACHE/linux-7.2

need_stock() {
	[ -e "$STOCK/stamp" ] || need_archive
	cached "$STOCK/stamp" 2 "fetch Linux 6.12 LTS" fetch_stock
}

fetch_stock() {
	image=$(apt_newest 'linux-image-6\.12\.[0-9]+\+deb[0-9.]+-amd64')
	[ -n "$image" ] || die "the archive has no linux-image-6.12"
	release=${image#linux-image-}
	common=${release%-amd64}
	rm -rf "$STOCK"
	apt_unpack "$STOCK" "$image" "linux-headers-$release" \
		"linux-headers-$common-common" "linux-kbuild-$common" || return
	printf '%s\n' "$release" >"$STOCK/release"
}

need_source() {
	[ -e "$SOURCE/stamp" ] || need_archive
	cached "$SOURCE/stamp" 4 "fetch and unpack Linux 7.2" fetch_source
}

# The source gets one line of ours: our Kconfig, wherever make is told that it is,
# because the DRM helpers that we need have no prompt of their own.
fetch_source() {
	rm -rf "$SOURCE" "$SOURCE.src"
	apt_unpack "$SOURCE.src" linux-source-7.2 || return
	mkdir -p "$SOURCE"
	tar -C "$SOURCE" --strip-components=1 -xf "$SOURCE.src"/usr/src/linux-source-7.2.tar.xz ||
		return
	rm -rf "$SOURCE.src"
	sed -i 's|^source "drivers/gpu/drm/nova/Kconfig"|&\nsource "$(NOVA_KCONFIG)"|' \
		"$SOURCE/drivers/gpu/drm/Kconfig" &&
		grep -q NOVA_KCONFIG "$SOURCE/drivers/gpu/drm/Kconfig"
}

# kernel_arch CONFIG, kernel_targets CONFIG: what make is told
kernel_arch() {
	case $1 in
	uml-*) say um ;;
	*) say x86_64 ;;
	esac
}

kernel_targets() {
	case $1 in
	*-clang) say modules_prepare ;;
	uml-*) say linux modules ;;
	*) say bzImage modules ;;
	esac
}

# kernel_tools CONFIG: what make is told if it is not gcc; the version is one that the kernel takes
# and that Debian 12 and 13 have
kernel_tools() {
	case $1 in
	*-clang) say "LLVM=-$LLVM_VERSION" ;;
	esac
}

# kernel_fragment CONFIG: what we want of the configuration; a symbol's last line holds
kernel_fragment() {
	configs=$TOP/scripts/configs
	case $1 in
	uml-clang) cat "$configs/uml-kunit.config" ;;
	uml-kasan) cat "$configs/uml-kunit.config" "$configs/uml-kasan.config" ;;
	*) cat "$configs/$1.config" ;;
	esac | awk '
		match($0, /CONFIG_[A-Z0-9a-z_]+/) && /^CONFIG_|is not set$/ {
			wanted[substr($0, RSTART, RLENGTH)] = $0
		}
		END {
			for (symbol in wanted)
				print wanted[symbol]
		}' | sort
}

# kernel_dir CONFIG: where its build lives. Of Kconfig only what configures counts, not its texts.
kernel_dir() {
	hash=$({
		kernel_fragment "$1"
		grep -E '^[[:space:]]*(config|bool|tristate|depends|select|default) ' \
			"$TOP/kernel/Kconfig"
		sed 5q "$SOURCE/Makefile"
	} | cksum | cut -d ' ' -f 1)
	printf '%s/%s-%s\n' "$NOVA_CACHE" "$1" "$hash"
}

kernel_make() {
	kmake_dir=$1
	shift
	make -C "$SOURCE" O="$kmake_dir" NOVA_KCONFIG="$kmake_dir/nova.Kconfig" \
		KBUILD_BUILD_USER=nova KBUILD_BUILD_HOST=nova "$@"
}

# need_kernel CONFIG: sets KERNEL to the build's directory
need_kernel() {
	need_source
	KERNEL=$(kernel_dir "$1")
	cached "$KERNEL/stamp" 3 "build Linux 7.2 ($1)" build_kernel "$1" "$KERNEL"
}

build_kernel() {
	arch=$(kernel_arch "$1") tools=$(kernel_tools "$1")
	kernel_seed "$1" "$2" || return
	cp "$TOP/kernel/Kconfig" "$2/nova.Kconfig"
	kernel_fragment "$1" >"$2/wanted.config"
	rm -f "$2/.config"
	[ "$arch" = um ] || kernel_make "$2" ARCH="$arch" -s tinyconfig || return
	# shellcheck disable=SC2086
	cat "$2/wanted.config" >>"$2/.config" &&
		kernel_make "$2" ARCH="$arch" $tools -s olddefconfig &&
		kernel_check_config "$2" || return
	# shellcheck disable=SC2046,SC2086
	kernel_make "$2" ARCH="$arch" $tools -s -j"$JOBS" $(kernel_targets "$1") &&
		kernel_make "$2" ARCH="$arch" $tools -s kernelrelease >"$2/release"
}

# kernel_seed CONFIG DIR: begins with a copy of the newest build of that name, if there is one,
# so that a changed fragment costs what it changes. Not for x86, which builds all again when
# objtool moves.
kernel_seed() {
	[ ! -d "$2" ] || return 0
	case $1 in
	uml-*) ;;
	*) mkdir -p "$2"; return ;;
	esac
	seed=$(find "$NOVA_CACHE" -mindepth 2 -maxdepth 2 -path "*/$1-*/stamp" -printf '%T@ %h\n' |
		sort -n | sed -n '$s/[^ ]* //p')
	if [ -n "$seed" ]; then
		rm -rf "$2.seed"
		cp -a "$seed" "$2.seed" && rm "$2.seed/stamp" && mv "$2.seed" "$2"
	else
		mkdir -p "$2"
	fi
}

# Fails if the kernel's configuration did not take a line of the fragment
kernel_check_config() {
	grep '^CONFIG_.*=[^n]' "$1/wanted.config" | while read -r line; do
		grep -qxF -- "$line" "$1/.config" || printf '%s\n' "$line"
	done >"$1/refused.config"
	[ -s "$1/refused.config" ] || return 0
	say "the kernel's configuration refuses:"
	cat "$1/refused.config"
	return 1
}
