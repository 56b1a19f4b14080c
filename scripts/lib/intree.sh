# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The driver inside a kernel tree: laid into a copy of 7.2, tested there by the kernel's kunit.py.

INTREE=$BUILD/in-tree

# Links to the files of the cached source: what scripts/in-tree edits it replaces. Laying twice
# must change nothing.
intree_lay() {
	rm -rf "$INTREE"
	cp -al "$SOURCE" "$INTREE" 2>/dev/null || { rm -rf "$INTREE"; cp -a "$SOURCE" "$INTREE"; } || return
	sed -i '/NOVA_KCONFIG/d' "$INTREE/drivers/gpu/drm/Kconfig" &&
		"$TOP/scripts/in-tree" "$INTREE" &&
		"$TOP/scripts/in-tree" "$INTREE" &&
		[ "$(grep -c nova_mm "$INTREE/drivers/gpu/drm/Makefile")" = 1 ]
}

# intree_kunit COMMAND ARGUMENT...: of kunit.py, for our folder
intree_kunit() {
	kunit_command=$1
	shift
	cd "$INTREE" && python3 tools/testing/kunit/kunit.py "$kunit_command" "$@" \
		--build_dir "$BUILD/in-tree-kunit" --kunitconfig=drivers/gpu/drm/nova_mm
}

# Our folder alone, configured as kunit.py would
intree_build() {
	intree_kunit config &&
		grep -qx CONFIG_DRM_NOVA_KUNIT_TEST=y "$BUILD/in-tree-kunit/.config" &&
		make -C "$INTREE" ARCH=um O="$BUILD/in-tree-kunit" -j"$JOBS" W=1 \
			drivers/gpu/drm/nova_mm/
}

# Without building the rest of the kernel
test_intree() {
	need_source
	intree_lay && intree_build
}

cmd_intree() {
	[ $# = 0 ] || die "intree: takes no argument"
	need_source
	step "lay the driver into Linux 7.2" intree_lay
	step "kunit.py in that tree" intree_kunit run --jobs "$JOBS"
	grep -a 'Testing complete\.' "$STEP_LOG"
}
