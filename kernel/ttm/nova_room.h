/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef __NOVA_ROOM_H__
#define __NOVA_ROOM_H__

#include <linux/types.h>

struct nova_bo;
struct nova_ttm;
struct ttm_operation_ctx;

/**
 * typedef nova_room_fn - something that wants memory
 * @arg: as given to nova_room_run()
 * @alone: nobody else wants any; what fails now, fails for good
 *
 * Called more than once. Takes reservations and drops them.
 *
 * Return: -ENOSPC, with nothing changed, to be called again with more room.
 */
typedef int nova_room_fn(void *arg, bool alone);

int nova_room_run(struct nova_ttm *nt, nova_room_fn *fn, void *arg);
int nova_room_validate(struct nova_bo *bo, struct ttm_operation_ctx *ctx);
int nova_room_make(struct nova_ttm *nt);

#endif
