/* SPDX-License-Identifier: MIT */
#ifndef __NOVA_SHIM_FAIL_H__
#define __NOVA_SHIM_FAIL_H__

/* This many allocations succeed, then one fails; negative: none fails. */
extern long nova_shim_fail_after;

#endif
