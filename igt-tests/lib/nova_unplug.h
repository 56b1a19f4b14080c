/* SPDX-License-Identifier: MIT */

#ifndef NOVA_UNPLUG_H
#define NOVA_UNPLUG_H

#include "nova_ioctl.h"

/**
 * struct nova_plug - a device that the driver is taken off and put back to
 */
struct nova_plug {
	/** @name: on its bus. */
	char name[64];
};

struct nova_plug nova_plug(int fd);
void nova_plug_out(const struct nova_plug *plug);
void nova_plug_in(const struct nova_plug *plug);
int nova_plug_open(const struct nova_plug *plug);

const char *nova_driver_file(void);
int nova_driver_unload(void);
int nova_driver_load(const char *path);
bool nova_driver_is_registered(void);

/**
 * struct nova_storm - one kind of call, made again and again
 */
struct nova_storm {
	/** @name: of the call. */
	const char *name;
	/** @once: makes it once; returns 0 or a negative errno. */
	int (*once)(int fd);
};

extern const struct nova_storm nova_storms[];
extern const unsigned int nova_nr_storms;

int nova_storm_until_error(const struct nova_storm *storm, int fd);

#endif /* NOVA_UNPLUG_H */
