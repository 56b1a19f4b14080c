# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Small initial root file systems: busybox, an init of ours, modules, parameters.

BUSYBOX=$NOVA_CACHE/busybox

need_busybox() {
	[ -e "$BUSYBOX/stamp" ] || need_archive
	cached "$BUSYBOX/stamp" 1 "fetch busybox" fetch_busybox
}

fetch_busybox() {
	rm -rf "$BUSYBOX"
	apt_unpack "$BUSYBOX" busybox-static || return
	if [ -d "$BUSYBOX/usr/bin" ]; then
		ln -s usr/bin/busybox "$BUSYBOX/busybox"
	else
		ln -s bin/busybox "$BUSYBOX/busybox"
	fi
}

# initramfs_begin DIR INIT: an empty root with scripts/guest/INIT as its init
initramfs_begin() {
	rm -rf "$1"
	mkdir -p "$1/bin" "$1/dev" "$1/proc" "$1/sys" "$1/modules" "$1/root" "$1/tmp"
	cp -L "$BUSYBOX/busybox" "$1/bin/busybox"
	ln -s busybox "$1/bin/sh"
	cp "$TOP/scripts/guest/$2" "$1/init"
	cp "$TOP/scripts/guest/gcov-save" "$1/bin/gcov-save"
	chmod +x "$1/init" "$1/bin/gcov-save"
}

# initramfs_modules DIR LIST KEY FILE...: adds FILEs and their dependencies. LIST, a file of the
# root, gets one line a module, in loading order.
initramfs_modules() {
	root=$1 list=$2 module_key=$3
	shift 3
	module_order "$module_key" "$@" | while read -r file; do
		name=$(basename "$file" .xz)
		case $file in
		*.xz) xz -dc "$file" >"$root/modules/$name" ;;
		*) strip --strip-debug -o "$root/modules/$name" "$file" ;;
		esac
		printf '%s\n' "$name"
	done >"$root/$list"
}

# initramfs_end DIR FILE
initramfs_end() {
	(cd "$1" && find . | cpio --quiet -o -H newc -R 0:0) >"$2.tmp" && mv "$2.tmp" "$2"
}
