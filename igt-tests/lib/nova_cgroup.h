/* SPDX-License-Identifier: MIT */

#ifndef NOVA_CGROUP_H
#define NOVA_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

bool nova_cgroup_create(const char *controller, const char *file, const char *limit);
bool nova_cgroup_join(void);
int nova_cgroup_read(const char *file, const char *key, uint64_t *value);
void nova_cgroup_destroy(void);

#endif /* NOVA_CGROUP_H */
