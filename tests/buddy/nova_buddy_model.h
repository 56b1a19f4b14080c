/* SPDX-License-Identifier: MIT */
#ifndef __NOVA_BUDDY_MODEL_H__
#define __NOVA_BUDDY_MODEL_H__

#include "nova_shim.h"

unsigned long model_run(const u8 *data, size_t size, bool trace);

#endif
