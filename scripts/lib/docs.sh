# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# HTML documentation: Documentation/gpu/nova, which pulls the comments of the code in.

cmd_docs() {
	[ $# = 0 ] || die "docs: takes no argument"
	host_need python3-sphinx
	need_source
	step "build the documentation" docs_build
	cat "$STEP_LOG"
	say "$BUILD/docs/index.html"
}

docs_build() {
	srctree=$SOURCE NOVA_TOP=$TOP /usr/bin/sphinx-build -q -W --keep-going -b html -c "$TOP/scripts/docs" \
		-d "$BUILD/docs-cache" "$TOP/Documentation/gpu/nova" "$BUILD/docs"
}
