/* SPDX-License-Identifier: MIT */
#include "../nova_shim.h"
