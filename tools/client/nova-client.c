// SPDX-License-Identifier: MIT

/**
 * DOC: nova-client
 *
 * Does to the kernel what a Vulkan driver does to it, in the driver's order, and
 * ends loudly at the first thing that is not as it should be. Two orders: that of
 * Mesa's NVK (its nvkmd layer), which binds at once or through timelines, and that
 * of drivers for VM_BIND kernels in the manner of xe, with private objects and
 * queues made first. No shader runs; where the kernel offers COPY queues, copies
 * do.
 *
 * An order is a table of steps. A step that finds its feature absent says so and
 * is passed over; nothing else may be.
 *
 * Usage: nova-client [nvk|xe]... [NODE...]; without an order both, without a node
 * all of the driver's.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

static const struct order {
	const char *name;
	const struct step *steps;
	const unsigned int *nr;
} orders[] = {
	{ "nvk", nvk_steps, &nvk_nr_steps },
	{ "xe", xe_steps, &xe_nr_steps },
};

static void client_run(struct nova_device *dev, const struct order *order)
{
	struct client c = { .order = order->name, .dev = dev };
	unsigned int i;

	for (i = 0; i < *order->nr; i++) {
		c.step = order->steps[i].name;
		order->steps[i].run(&c);
		printf("  %-4s %s\n", order->name, c.step);
	}
}

/* Runs the chosen orders, or all if none was chosen, on one device. */
static void client_device(struct nova_device *dev, const char *name, unsigned int chosen)
{
	unsigned int i;

	printf("%s\n", name);
	for (i = 0; i < NR(orders); i++)
		if (!chosen || chosen >> i & 1)
			client_run(dev, &orders[i]);
	nova_device_close(dev);
}

static unsigned int client_all_devices(unsigned int chosen)
{
	struct nova_device *dev;
	unsigned int i;
	char name[32];

	for (i = 0; nova_device_open_index(i, &dev) == 0; i++) {
		snprintf(name, sizeof(name), "GPU %u", i);
		client_device(dev, name, chosen);
	}
	return i;
}

/* Bit of an order's name, 0 if it is none. */
static unsigned int client_order(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR(orders); i++)
		if (!strcmp(orders[i].name, name))
			return 1u << i;
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int chosen = 0, devices = 0;
	struct nova_device *dev;
	int i, ret;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 1; i < argc; i++)
		chosen |= client_order(argv[i]);
	for (i = 1; i < argc; i++) {
		if (client_order(argv[i]))
			continue;
		ret = nova_device_open(argv[i], &dev);
		if (ret) {
			fprintf(stderr, "nova-client: %s: %s\n", argv[i], strerror(-ret));
			return EXIT_FAILURE;
		}
		client_device(dev, argv[i], chosen);
		devices++;
	}
	if (!devices && !client_all_devices(chosen)) {
		fprintf(stderr, "nova-client: no render node of the nova driver\n");
		return EXIT_FAILURE;
	}
	puts("nova-client: ok");
	return EXIT_SUCCESS;
}
