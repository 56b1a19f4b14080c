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

intree_kunit() {
	cd "$INTREE" && python3 tools/testing/kunit/kunit.py run --jobs "$JOBS" \
		--build_dir "$BUILD/in-tree-kunit" --kunitconfig=drivers/gpu/drm/nova_mm
}

cmd_intree() {
	[ $# = 0 ] || die "intree: takes no argument"
	need_source
	step "lay the driver into Linux 7.2" intree_lay
	step "kunit.py in that tree" intree_kunit
	grep -a '^.*Testing complete\.' "$STEP_LOG"
}
