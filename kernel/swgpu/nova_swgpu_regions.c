// SPDX-License-Identifier: GPL-2.0-only OR MIT
/**
 * DOC: nova_swgpu regions
 *
 * The FB regions a GPU's firmware reports, as text, for the module parameter and
 * configfs: "base-limit:flags", separated by commas or white space, numbers in C
 * notation, the limit inclusive. Flags are letters::
 *
 *   c  compression supported      p  protected
 *   i  ISO supported              r  all of it reserved by the firmware
 *
 *   0x0-0x3bffffff:ci,0x3c000000-0x3fffffff:pr
 *
 * A region the driver may use has c and i and neither of the others. Nothing else
 * is checked: regions may overlap, run backwards or lie outside VRAM, as tests need
 * them to. The word "none" is an empty list. No locking: the caller owns the list.
 */

#include "nova_swgpu_dev.h"

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

static int nova_swgpu_region_flags(struct nova_swgpu_region *region, const char *flags)
{
	for (; *flags; flags++) {
		switch (*flags) {
		case 'c':
			region->compressed = true;
			break;
		case 'i':
			region->iso = true;
			break;
		case 'p':
			region->is_protected = true;
			break;
		case 'r':
			region->reserved = region->limit - region->base + 1;
			break;
		default:
			return -EINVAL;
		}
	}
	return 0;
}

/* "base-limit:flags" */
static int nova_swgpu_region_parse(struct nova_swgpu_region *region, char *text)
{
	char *base = strsep(&text, "-");
	char *limit = strsep(&text, ":");

	if (!limit || !text)
		return -EINVAL;
	if (kstrtou64(base, 0, &region->base) || kstrtou64(limit, 0, &region->limit))
		return -EINVAL;
	return nova_swgpu_region_flags(region, text);
}

static int nova_swgpu_regions_split(struct nova_swgpu_config *cfg, char *text)
{
	char *word;
	int ret = 0;

	if (!strcmp(strim(text), "none"))
		return 0;
	while (!ret && (word = strsep(&text, ", \t\n"))) {
		if (!*word)
			continue;
		if (cfg->nr_regions == NOVA_SWGPU_MAX_REGIONS)
			return -EINVAL;
		ret = nova_swgpu_region_parse(&cfg->regions[cfg->nr_regions++], word);
	}
	return ret;
}

/**
 * nova_swgpu_regions_parse - take FB regions from text
 * @cfg: its regions are replaced; unchanged on error
 * @text: the list; an empty one asks for the default regions
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a word that is no region, or more than 16; -ENOMEM.
 */
int nova_swgpu_regions_parse(struct nova_swgpu_config *cfg, const char *text)
{
	struct nova_swgpu_config *new;
	char *copy;
	int ret = -ENOMEM;

	copy = kstrdup(text, GFP_KERNEL);
	new = kmemdup(cfg, sizeof(*cfg), GFP_KERNEL);
	if (copy && new) {
		memset(new->regions, 0, sizeof(new->regions));
		new->nr_regions = 0;
		new->explicit_regions = *skip_spaces(text);
		ret = nova_swgpu_regions_split(new, copy);
	}
	if (!ret)
		*cfg = *new;
	kfree(new);
	kfree(copy);
	return ret;
}

/**
 * nova_swgpu_regions_print - FB regions to text
 * @cfg: has them
 * @buf: receives one a line
 * @size: bytes of @buf
 *
 * Return: bytes written, without the terminator.
 */
int nova_swgpu_regions_print(const struct nova_swgpu_config *cfg, char *buf, size_t size)
{
	const struct nova_swgpu_region *region;
	unsigned int i;
	int len = 0;

	if (cfg->explicit_regions && !cfg->nr_regions)
		return scnprintf(buf, size, "none\n");
	for (i = 0; i < cfg->nr_regions; i++) {
		region = &cfg->regions[i];
		len += scnprintf(buf + len, size - len, "%#llx-%#llx:%s%s%s%s\n", region->base,
				 region->limit, region->compressed ? "c" : "",
				 region->iso ? "i" : "", region->is_protected ? "p" : "",
				 region->reserved ? "r" : "");
	}
	return len;
}
