// SPDX-License-Identifier: MIT

/**
 * DOC: Test of the binary interface
 *
 * The literal tables of nova_abi_check.h stop the build of this program if
 * anything has moved. At run time it checks what the compiler cannot: that
 * command numbers are unique, and that each carries the size of its structure
 * and the direction "read and write".
 */

#include <drm/nova_drm.h>

#include <sys/ioctl.h>

#include "check.h"
#include "nova_abi_check.h"

static const struct {
	const char *name;
	unsigned int cmd;
	size_t size;
} ioctls[] = {
#define ROW(name, type, cmd) { #name, cmd, sizeof(struct drm_nova_##type) },
	NOVA_ABI_IOCTLS(ROW)
#undef ROW
};

#define NR (sizeof(ioctls) / sizeof(ioctls[0]))

static void commands_are_unique(void)
{
	size_t i, j;

	for (i = 0; i < NR; i++)
		for (j = 0; j < i; j++)
			CHECK(_IOC_NR(ioctls[i].cmd) != _IOC_NR(ioctls[j].cmd));
	CHECK_EQ(NR, 19);
}

static void commands_carry_size_and_direction(void)
{
	size_t i;

	for (i = 0; i < NR; i++) {
		CHECK_EQ(_IOC_SIZE(ioctls[i].cmd), ioctls[i].size);
		CHECK_EQ(_IOC_DIR(ioctls[i].cmd), _IOC_READ | _IOC_WRITE);
		CHECK_EQ(_IOC_TYPE(ioctls[i].cmd), 'd');
	}
}

static void ours_stay_clear_of_upstream(void)
{
	size_t i;

	for (i = 0; i < NR; i++) {
		unsigned int nr = _IOC_NR(ioctls[i].cmd) - 0x40;

		CHECK(nr <= 0x03 || (nr >= 0x20 && nr < 0x60));
	}
}

static const struct check_case cases[] = {
	CHECK_CASE(commands_are_unique),
	CHECK_CASE(commands_carry_size_and_direction),
	CHECK_CASE(ours_stay_clear_of_upstream),
};

CHECK_MAIN(cases)
