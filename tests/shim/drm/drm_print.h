/* SPDX-License-Identifier: MIT */
#ifndef __SHIM_DRM_PRINT_H__
#define __SHIM_DRM_PRINT_H__

/* Whoever builds what prints defines these. */
struct drm_printer;

void drm_printf(struct drm_printer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void drm_puts(struct drm_printer *p, const char *str);

#endif
