# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the host must have: Debian, packages, disk space; and the cache's lock.

HOST_PACKAGES="bc bison build-essential ca-certificates cpio flex git kmod libdrm-dev
	libelf-dev libssl-dev meson mmdebstrap ninja-build pkg-config python3
	qemu-system-x86 rsync sparse valgrind xz-utils"

host_prepare() {
	# shellcheck source=/dev/null
	[ -r /etc/os-release ] && . /etc/os-release
	case ${ID:-}:${VERSION_ID:-} in
	debian:12|debian:13) ;;
	*) die "needs Debian 12 or 13 (this is ${PRETTY_NAME:-unknown})" ;;
	esac
	HOST_CODENAME=$VERSION_CODENAME
	[ "$(uname -m)" = x86_64 ] || die "needs an x86-64 host (this is $(uname -m))"
	mkdir -p "$BUILD" "$NOVA_CACHE" 2>/dev/null || die "cannot write to $BUILD or $NOVA_CACHE"
	PATH=$PATH:/usr/sbin:/sbin
	# shellcheck disable=SC2086
	host_need $HOST_PACKAGES
}

host_missing() {
	for pkg in "$@"; do
		dpkg-query -W -f '${Status}' "$pkg" 2>/dev/null | grep -q 'ok installed' ||
			printf '%s ' "$pkg"
	done
}

# as_root COMMAND...: as root, or through sudo
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "needs root or sudo for: $*"
	fi
}

# host_need PACKAGE...: installs what is missing
host_need() {
	missing=$(host_missing "$@")
	# shellcheck disable=SC2086
	[ -z "$missing" ] || step "install $missing" host_install $missing
}

host_install() {
	host_apt install -y --no-install-recommends "$@" && return
	host_apt update || die "cannot read the package lists: no network?"
	host_apt install -y --no-install-recommends "$@" || die "cannot install $*"
}

host_apt() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@"
}

# host_space GIGABYTES: ends the run if the cache's disk has less
host_space() {
	free_kb=$(df -Pk "$NOVA_CACHE" | awk 'NR == 2 { print $4 }')
	[ "$free_kb" -ge $(($1 * 1048576)) ] ||
		die "$NOVA_CACHE: needs $1 GB, has $((free_kb / 1048576)) GB free"
}

# Some of what is cached is root's
stamp_touch() {
	touch "$1" 2>/dev/null || as_root touch "$1"
}

# cached STAMP GIGABYTES TITLE COMMAND...: runs COMMAND once for all users of the
# cache. COMMAND makes everything but the stamp, which means that it succeeded.
cached() {
	stamp=$1
	if [ -e "$stamp" ]; then
		stamp_touch "$stamp"
		return 0
	fi
	gigabytes=$2
	shift 2
	exec 9>"${stamp%/stamp}.lock"
	flock -n 9 || {
		say "waiting for another run: $1" >&2
		flock 9
	}
	if [ ! -e "$stamp" ]; then
		host_space "$gigabytes"
		step "$@"
		stamp_touch "$stamp"
	fi
	exec 9>&-
}
