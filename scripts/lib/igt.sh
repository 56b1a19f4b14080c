# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# IGT: Debian forky as the guest's root, for its libigt and its generic tests.

FORKY=$NOVA_CACHE/forky
IGT_PACKAGES="igt-gpu-tools igt-gpu-tools-tests kmod"

# Tests of IGT's own that apply to a render driver without outputs; those of the second line
# need SW_SYNC, which stock kernels lack. core_hotunplug unbinds the driver: alone and last.
IGT_GENERIC="core_auth core_getclient core_getstats core_getversion core_setmaster
	core_setmaster_vs_auth core_debugfs core_sysfs syncobj_basic"
IGT_GENERIC_SW_SYNC="syncobj_wait syncobj_timeline syncobj_eventfd sw_sync"

need_forky() {
	[ -e "$FORKY/stamp" ] || need_archive
	cached "$FORKY/stamp" 2 "make a Debian forky tree with IGT" fetch_forky
}

fetch_forky() {
	as_root rm -rf "$FORKY"
	# shellcheck disable=SC2086
	as_root mmdebstrap --variant=minbase --skip=cleanup/apt \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='APT::Install-Recommends "false"' \
		--include="$(echo $IGT_PACKAGES | tr ' ' ',')" \
		forky "$FORKY" "deb [signed-by=$(apt_keyring)] $(apt_mirror) forky main" ||
		die "cannot make the tree: no network, or not root?"
}

# igt_tests PATTERN: our test programs; PATTERN is TEST or TEST@SUBTEST, globs both. Those that
# take the device or the driver away come last.
igt_tests() {
	sed 's/\(END \)\?TESTLIST//' "$USER_BUILD/igt-tests/test-list.txt" | tr -s ' ' '\n' |
		while read -r name; do
			# shellcheck disable=SC2254
			case $name in
			'') ;;
			${1%%@*}) printf '%s\n' "$USER_BUILD/igt-tests/$name" ;;
			esac
		done |
		awk '/nova_(hotunplug|unload)$/ { last = last $0 "\n"; next } { print }
			END { printf "%s", last }'
}

# igt_run LABEL SUBTESTS PROGRAM...: one boot
igt_run() {
	label=$1
	shift
	igt_status=0
	vm_run "$BUILD/igt-$label" "$TOP/scripts/guest/igt-run" "$@" || igt_status=$?
	python3 "$TOP/scripts/igt.py" "$BUILD/igt-$label/out" "$label" \
		"$BUILD/results/igt-$label" "$igt_status"
}

cmd_igt() {
	vm_defaults
	VM_CHIP='' generic=no suites=no
	while [ $# -gt 0 ]; do
		case $1 in
		--generic) generic=yes; shift ;;
		--suites) suites=yes; shift ;;
		--*)
			vm_option "$1" "${2:-}" || die "igt: unknown option $1"
			shift 2
			;;
		*) break ;;
		esac
	done
	pattern=${1:-*}
	[ $suites = no ] || VM_KEY=x86-suites VM_CHIP=gh100 pattern=nova_kunit
	need_user igt
	vm_prepare
	VM_ROOT=$FORKY VM_MORE=vgem
	mkdir -p "$BUILD/results"
	igt_failed=0
	for chip in ${VM_CHIP:-tu102 gh100}; do
		VM_CHIP=$chip
		if [ $generic = yes ]; then
			igt_generic "$chip" "$pattern" || igt_failed=1
		else
			igt_ours "$chip" "$pattern" || igt_failed=1
		fi
	done
	return $igt_failed
}

# Tests of sharing want a second GPU; tests open the first
igt_companion() {
	case $1 in
	*,*) ;;
	gh100) say ,tu102 ;;
	*) say ,gh100 ;;
	esac
}

igt_ours() {
	VM_CHIP=$1$(igt_companion "$1")
	programs=$(igt_tests "$2")
	[ -n "$programs" ] || die "no IGT test matches $2"
	subtests='*'
	[ "${2#*@}" = "$2" ] || subtests=${2#*@}
	# shellcheck disable=SC2086
	igt_run "$VM_KEY-$1${VM_BAR1:+-bar1-$VM_BAR1}" "$subtests" $programs
}

# igt_generic CHIP PATTERN: all that apply, or the one PATTERN names
igt_generic() {
	if [ "$2" != '*' ]; then
		igt_packaged "$VM_KEY-$1-generic" "${2%%@*}"
		return
	fi
	vm_guest_time
	names=$IGT_GENERIC generic_status=0
	[ "$VM_KEY" = 6.12 ] || names="$names $IGT_GENERIC_SW_SYNC"
	# shellcheck disable=SC2086
	igt_packaged "$VM_KEY-$1-generic" $names || generic_status=1
	igt_packaged "$VM_KEY-$1-hotunplug" core_hotunplug || generic_status=1
	return $generic_status
}

# igt_packaged LABEL NAME...: one boot
igt_packaged() {
	packaged_label=$1 programs=
	shift
	for name in "$@"; do
		programs="$programs /usr/libexec/igt-gpu-tools/$name"
	done
	# shellcheck disable=SC2086
	igt_run "$packaged_label" '*' $programs
}
