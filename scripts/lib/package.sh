# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Debian packages, and their way in and out: installed into a Debian tree, where DKMS builds the
# modules for the stock kernel; used and removed in a machine that has that tree as its root.

PACKAGE_HOST="debhelper dh-dkms dpkg-dev"
# what somebody has who builds modules by DKMS, programs against a library and runs the tools
PACKAGE_GUEST="dkms gcc kmod libc6-dev libdrm-dev make pkg-config python3 udev"
PACKAGE_ROOT=$NOVA_CACHE/package-root-$(printf %s "$PACKAGE_GUEST" | cksum | cut -d ' ' -f 1)

need_package_root() {
	[ -e "$PACKAGE_ROOT/stamp" ] || need_archive
	cached "$PACKAGE_ROOT/stamp" 2 "make a Debian tree with DKMS" fetch_package_root
}

fetch_package_root() {
	release=$(cat "$STOCK/release")
	as_root rm -rf "$PACKAGE_ROOT"
	package_sources | as_root mmdebstrap --variant=minbase --skip=cleanup/apt \
		--aptopt='APT::Install-Recommends "false"' \
		--include="$(echo "$PACKAGE_GUEST linux-headers-$release" | tr ' ' ',')" \
		"$HOST_CODENAME" "$PACKAGE_ROOT" - || die "cannot make the tree: no network, or not root?"
	as_root cp -a "$STOCK/lib/modules/$release" "$PACKAGE_ROOT/lib/modules/" &&
		as_root depmod -b "$PACKAGE_ROOT" "$release"
}

# The host's own release, and where its 6.12 is
package_sources() {
	for suite in $(apt_suites); do
		case $suite in
		"$HOST_CODENAME"*)
			say "deb [signed-by=$(apt_keyring)] $(apt_mirror) $suite main" ;;
		esac
	done
}

# The packages, in build/packages, from what git knows: nothing of a build slips in
package_build() {
	rm -rf "$BUILD/packages"
	mkdir -p "$BUILD/packages/drm-nova"
	git -C "$TOP" ls-files -z -co --exclude-standard |
		rsync -a --ignore-missing-args --from0 --files-from=- "$TOP/" "$BUILD/packages/drm-nova/" &&
		cd "$BUILD/packages/drm-nova" &&
		dpkg-buildpackage -b -us -uc -j"$JOBS"
}

# One version for all: what DKMS calls the source must be what the package holds
package_versions() {
	version=$(dpkg-parsechangelog -l "$TOP/debian/changelog" -S Version)
	grep -q "^PACKAGE_VERSION=\"$version\"\$" "$TOP/dkms.conf" &&
		grep -q "^  version: '$version',\$" "$TOP/meson.build" &&
		grep -q "^## $version " "$TOP/CHANGELOG.md"
}

# A copy of the tree in which dpkg, and so DKMS, has run
package_install() {
	root=$BUILD/package-root
	as_root rm -rf "$root"
	as_root cp -a "$PACKAGE_ROOT" "$root"
	as_root find "$root" -xdev ! -path "$root/tmp/*" -printf '%P\n' | sort >"$BUILD/packages/before"
	cp "$BUILD/packages"/*.deb "$BUILD/packages/before" "$root/tmp/"
	as_root unshare --mount "$TOP/scripts/package-install" "$root" &&
		ls "$root/lib/modules/$(cat "$STOCK/release")/updates/dkms/drm_nova.ko"*
}

cmd_package() {
	[ $# = 0 ] || die "package: takes no argument"
	# shellcheck disable=SC2086
	host_need $PACKAGE_HOST
	vm_defaults
	vm_prepare
	need_package_root
	step "the packages' versions agree" package_versions
	step "build the Debian packages" package_build
	step "install them, DKMS building for 6.12" package_install
	VM_ROOT=$BUILD/package-root
	vm_run "$BUILD/package" "$TOP/scripts/guest/package-test" "$(cat "$STOCK/release")" ||
		die "the packages do not work"
	say "packages: ok ($BUILD/packages)"
}
