# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A private view of the Debian archive: nothing of it touches the host's package
# state. The mirror is the one that the host already uses.

apt_mirror() {
	if [ -n "${NOVA_MIRROR:-}" ]; then
		printf '%s\n' "$NOVA_MIRROR"
		return
	fi
	apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(SITE)' 2>/dev/null |
		awk -v release="$HOST_CODENAME" \
			'$1 == release && $2 == "main" { print $3; exit }'
}

apt_keyring() {
	for key in /usr/share/keyrings/debian-archive-keyring.gpg \
		   /usr/share/keyrings/debian-archive-keyring.pgp; do
		[ -r $key ] && printf '%s\n' $key && return
	done
	die "no Debian archive key (package debian-archive-keyring)"
}

# 6.12 LTS is in bookworm-backports or in trixie itself, linux-source-7.2 in trixie-backports
apt_suites() {
	case $HOST_CODENAME in
	bookworm) say bookworm bookworm-backports trixie-backports ;;
	*) say trixie trixie-updates trixie-backports ;;
	esac
}

# apt_private PROGRAM ARGUMENT...
apt_private() {
	prog=$1
	shift
	"$prog" -q -o APT::Sandbox::User=root \
		-o Dir::Etc::sourcelist="$NOVA_CACHE/apt/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::lists="$NOVA_CACHE/apt/lists" \
		-o Dir::Cache="$NOVA_CACHE/apt/cache" "$@"
}

apt_refresh() {
	mirror=$(apt_mirror)
	[ -n "$mirror" ] || die "no Debian mirror in the apt configuration; set NOVA_MIRROR"
	mkdir -p "$NOVA_CACHE/apt/lists/partial" "$NOVA_CACHE/apt/cache/archives/partial"
	for suite in $(apt_suites); do
		printf 'deb [signed-by=%s] %s %s main\n' "$(apt_keyring)" "$mirror" "$suite"
	done >"$NOVA_CACHE/apt/sources.list"
	apt_private apt-get -o APT::Update::Error-Mode=any update ||
		die "cannot read the Debian archive at $mirror: no network?"
}

# apt_newest REGEX: the newest package by version number in its name
apt_newest() {
	apt_private apt-cache pkgnames linux- | grep -Ex "$1" | sort -V | tail -n 1
}

# apt_unpack DIR PACKAGE...: downloads and unpacks; nothing is installed
apt_unpack() {
	unpack_dir=$1
	shift
	rm -rf "$unpack_dir.deb"
	mkdir -p "$unpack_dir.deb" "$unpack_dir"
	(cd "$unpack_dir.deb" && apt_private apt-get download "$@") ||
		die "cannot download $*: no network?"
	for deb in "$unpack_dir.deb"/*.deb; do
		dpkg -x "$deb" "$unpack_dir" || return
	done
	rm -rf "$unpack_dir.deb"
}

need_archive() {
	cached "$NOVA_CACHE/apt/stamp" 1 "read the package lists" apt_refresh
}
