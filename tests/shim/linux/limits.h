/* SPDX-License-Identifier: MIT */
#include_next <linux/limits.h>
#include "../nova_shim.h"
