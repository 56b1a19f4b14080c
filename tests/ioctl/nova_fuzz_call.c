// SPDX-License-Identifier: MIT
/*
 * The grammar: every ioctl of the driver as a table of its fields, the generic ones that go with
 * them, and what programs do beside ioctls: map, touch, read debugfs, fork, open anew.
 */
#include "nova_fuzz_value.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <drm.h>
#include <drm/nova_drm.h>

#define MAX_ELEMENTS	24
#define MAX_STRUCT	256

#define FIELD(s, m, t, ...) \
	{ offsetof(struct drm_nova_##s, m), sizeof(((struct drm_nova_##s *)0)->m), t, __VA_ARGS__ }
#define END	{ 0 }

enum element { E_SYNC, E_OP, E_FAULT, E_RANGE, E_PUSH };

static const struct fuzz_field sync_fields[] = {
	FIELD(sync, handle, V_ID, FUZZ_SYNCOBJ), FIELD(sync, flags, V_FLAGS, DRM_NOVA_SYNC_SIGNAL | DRM_NOVA_SYNC_TIMELINE),
	FIELD(sync, point, V_BELOW, 4), END
};

static const struct fuzz_field op_fields[] = {
	FIELD(vm_bind_op, op, V_BELOW, 7), FIELD(vm_bind_op, flags, V_FLAGS, 0x1f),
	FIELD(vm_bind_op, handle, V_ID, FUZZ_BO), FIELD(vm_bind_op, pte_kind, V_BELOW, 2),
	FIELD(vm_bind_op, max_page_shift, V_SHIFT, 0), FIELD(vm_bind_op, pad, V_ZERO, 0),
	FIELD(vm_bind_op, va, V_VA, 0), FIELD(vm_bind_op, range, V_SIZE, 0),
	FIELD(vm_bind_op, offset, V_OFFSET, 0), FIELD(vm_bind_op, region, V_ZERO, 0),
	FIELD(vm_bind_op, pad2, V_ZERO, 0), END
};

static const struct fuzz_field out_fields[] = { END };

static const struct fuzz_field push_fields[] = {
	FIELD(exec_push, va, V_VA, 0), FIELD(exec_push, size, V_SIZE, 0),
	FIELD(exec_push, flags, V_FLAGS, 1), END
};

static const struct {
	const struct fuzz_field *fields;
	size_t size;
} elements[] = {
	[E_SYNC] = { sync_fields, sizeof(struct drm_nova_sync) },
	[E_OP] = { op_fields, sizeof(struct drm_nova_vm_bind_op) },
	[E_FAULT] = { out_fields, sizeof(struct drm_nova_vm_fault) },
	[E_RANGE] = { out_fields, sizeof(struct drm_nova_vm_range) },
	[E_PUSH] = { push_fields, sizeof(struct drm_nova_exec_push) },
};

static const struct fuzz_field getparam[] = {
	FIELD(getparam, param, V_RANGE, RANGE(DRM_NOVA_PARAM_FEATURES, 8)), FIELD(getparam, value, V_ZERO, 0), END
};
static const struct fuzz_field gem_create[] = {
	FIELD(gem_create, handle, V_ZERO, 0), FIELD(gem_create, pad, V_ZERO, 0),
	FIELD(gem_create, size, V_SIZE, 0), END
};
static const struct fuzz_field gem_info[] = {
	FIELD(gem_info, handle, V_ID, FUZZ_BO), FIELD(gem_info, pad, V_ZERO, 0), END
};
static const struct fuzz_field info[] = {
	FIELD(info, id, V_RANGE, RANGE(DRM_NOVA_INFO_MEMORY, 7)), FIELD(info, size, V_BELOW, 512),
	FIELD(info, data, V_BUFFER, 0), END
};
static const struct fuzz_field gem_create2[] = {
	FIELD(gem_create2, size, V_SIZE, 0), FIELD(gem_create2, alignment, V_ZERO, 0),
	FIELD(gem_create2, placement, V_BELOW, 4), FIELD(gem_create2, flags, V_FLAGS, 7),
	FIELD(gem_create2, vm_id, V_ZERO, 0), FIELD(gem_create2, cpu_caching, V_BELOW, 3),
	FIELD(gem_create2, pte_kind, V_BELOW, 2), END
};
static const struct fuzz_field gem_create2_private[] = {
	FIELD(gem_create2, size, V_SIZE, 0), FIELD(gem_create2, placement, V_BELOW, 4),
	FIELD(gem_create2, flags, V_FLAGS, 7), FIELD(gem_create2, vm_id, V_ID, FUZZ_VM), END
};
static const struct fuzz_field gem_query[] = {
	FIELD(gem_query, handle, V_ID, FUZZ_BO), END
};
static const struct fuzz_field gem_mmap_offset[] = {
	FIELD(gem_mmap_offset, handle, V_ID, FUZZ_BO), FIELD(gem_mmap_offset, flags, V_ZERO, 0), END
};
static const struct fuzz_field gem_wait[] = {
	FIELD(gem_wait, handle, V_ID, FUZZ_BO), FIELD(gem_wait, flags, V_FLAGS, 1),
	FIELD(gem_wait, timeout_ns, V_DEADLINE, 0), END
};
static const struct fuzz_field gem_madvise[] = {
	FIELD(gem_madvise, handle, V_ID, FUZZ_BO), FIELD(gem_madvise, advice, V_BELOW, 2), END
};
static const struct fuzz_field gem_set_label[] = {
	FIELD(gem_set_label, handle, V_ID, FUZZ_BO), FIELD(gem_set_label, len, V_BELOW, 64),
	FIELD(gem_set_label, text, V_BUFFER, 0), END
};
static const struct fuzz_field vm_create[] = {
	FIELD(vm_create, flags, V_FLAGS, 1), FIELD(vm_create, vm_id, V_ZERO, 0),
	FIELD(vm_create, kernel_start, V_ZERO, 0), FIELD(vm_create, kernel_size, V_ZERO, 0), END
};
static const struct fuzz_field vm_destroy[] = {
	FIELD(vm_destroy, vm_id, V_ID, FUZZ_VM), FIELD(vm_destroy, pad, V_ZERO, 0), END
};
static const struct fuzz_field vm_bind[] = {
	FIELD(vm_bind, vm_id, V_ID, FUZZ_VM), FIELD(vm_bind, flags, V_ZERO, 0),
	FIELD(vm_bind, queue_id, V_ZERO, 0), FIELD(vm_bind, ops, V_ARRAY, E_OP), END
};
static const struct fuzz_field vm_bind_async[] = {
	FIELD(vm_bind, vm_id, V_ID, FUZZ_VM), FIELD(vm_bind, flags, V_FLAGS, 1),
	FIELD(vm_bind, queue_id, V_ID, FUZZ_QUEUE), FIELD(vm_bind, ops, V_ARRAY, E_OP),
	FIELD(vm_bind, syncs, V_ARRAY, E_SYNC), END
};
static const struct fuzz_field vm_get_state[] = {
	FIELD(vm_get_state, vm_id, V_ID, FUZZ_VM), FIELD(vm_get_state, faults, V_ARRAY, E_FAULT), END
};
static const struct fuzz_field vm_query_ranges[] = {
	FIELD(vm_query_ranges, vm_id, V_ID, FUZZ_VM), FIELD(vm_query_ranges, flags, V_ZERO, 0),
	FIELD(vm_query_ranges, va, V_VA, 0), FIELD(vm_query_ranges, range, V_SIZE, 0),
	FIELD(vm_query_ranges, ranges, V_ARRAY, E_RANGE), END
};
static const struct fuzz_field queue_create[] = {
	FIELD(queue_create, vm_id, V_ID, FUZZ_VM), FIELD(queue_create, queue_class, V_BELOW, 4),
	FIELD(queue_create, flags, V_ZERO, 0), FIELD(queue_create, priority, V_BELOW, 4), END
};
static const struct fuzz_field queue_destroy[] = {
	FIELD(queue_destroy, queue_id, V_ID, FUZZ_QUEUE), FIELD(queue_destroy, pad, V_ZERO, 0), END
};
static const struct fuzz_field queue_get_state[] = {
	FIELD(queue_get_state, queue_id, V_ID, FUZZ_QUEUE), END
};
static const struct fuzz_field exec[] = {
	FIELD(exec, queue_id, V_ID, FUZZ_QUEUE), FIELD(exec, flags, V_ZERO, 0),
	FIELD(exec, pushes, V_ARRAY, E_PUSH), FIELD(exec, syncs, V_ARRAY, E_SYNC), END
};

#define DRM_FIELD(s, m, t, ...) \
	{ offsetof(struct s, m), sizeof(((struct s *)0)->m), t, __VA_ARGS__ }

static const struct fuzz_field gem_close[] = {
	DRM_FIELD(drm_gem_close, handle, V_ID, FUZZ_BO), END
};
static const struct fuzz_field prime_export[] = {
	DRM_FIELD(drm_prime_handle, handle, V_ID, FUZZ_BO),
	DRM_FIELD(drm_prime_handle, flags, V_FLAGS, DRM_CLOEXEC | DRM_RDWR), END
};
static const struct fuzz_field prime_import[] = {
	DRM_FIELD(drm_prime_handle, fd, V_ID, FUZZ_FD), END
};
static const struct fuzz_field syncobj_create[] = {
	DRM_FIELD(drm_syncobj_create, flags, V_FLAGS, 1), END
};
static const struct fuzz_field syncobj_destroy[] = {
	DRM_FIELD(drm_syncobj_destroy, handle, V_ID, FUZZ_SYNCOBJ), END
};

/* A row of an ioctl: that alone; one that makes what its field m names; one that ends it */
#define CALL(n, ioctl, table)	{ .name = n, .cmd = DRM_IOCTL_##ioctl, .fields = table }
#define MAKES(n, ioctl, table, s, m, what) \
	{ .name = n, .cmd = DRM_IOCTL_##ioctl, .fields = table, \
	  .id_off = offsetof(struct s, m), .pool = 1 + (what) }
#define ENDS(n, ioctl, table, s, m, what) \
	{ .name = n, .cmd = DRM_IOCTL_##ioctl, .fields = table, \
	  .id_off = offsetof(struct s, m), .pool = 1 + (what), .ends = true }
#define ACT(n, function)	{ .name = n, .act = function }

static const struct row {
	const char *name;
	unsigned long cmd;
	const struct fuzz_field *fields;
	uint16_t id_off;
	uint8_t pool;
	bool ends;
	void (*act)(struct fuzz_client *c);
} rows[];

static void client_add(struct fuzz_client *c, enum fuzz_pool pool, uint32_t id)
{
	unsigned int room = sizeof(c->id[0]) / sizeof(c->id[0][0]);

	if (c->nr[pool] < room)
		c->id[pool][c->nr[pool]++] = id;
	else if (pool == FUZZ_FD)
		close(id);
}

static void client_remove(struct fuzz_client *c, enum fuzz_pool pool, uint32_t id)
{
	for (unsigned int i = 0; i < c->nr[pool]; i++)
		if (c->id[pool][i] == id)
			c->id[pool][i] = c->id[pool][--c->nr[pool]];
}

static void array_fill(struct fuzz_client *c, struct drm_nova_array *array, unsigned int element,
		       char *memory)
{
	size_t size = elements[element].size;
	uint64_t r = fuzz_random(&c->rng);

	array->ptr = r % 64 ? (uintptr_t)memory : r >> 8;
	array->count = r % 61 ? (r >> 16) % MAX_ELEMENTS : r >> 32;
	array->stride = r % 59 ? size : r >> 40;
	for (unsigned int i = 0; i < MAX_ELEMENTS; i++)
		fuzz_fill(c, memory + i * size, elements[element].fields);
}

static void run_ioctl(struct fuzz_client *c, const struct row *row)
{
	static char memory[4][MAX_ELEMENTS * MAX_STRUCT];
	char data[MAX_STRUCT] __attribute__((aligned(8))) = {};
	unsigned int used = 0;
	uint32_t id;

	fuzz_fill(c, data, row->fields);
	for (const struct fuzz_field *f = row->fields; f->size; f++) {
		if (f->type == V_ARRAY) {
			array_fill(c, (void *)(data + f->off), f->arg, memory[used++]);
		} else if (f->type == V_BUFFER) {
			uint64_t ptr = (uintptr_t)memory[used];

			memset(memory[used++], 'n', MAX_STRUCT);
			memcpy(data + f->off, &ptr, sizeof(ptr));
		}
	}
	if (ioctl(c->fd, row->cmd, data) || !row->pool)
		return;
	memcpy(&id, data + row->id_off, sizeof(id));
	if (row->ends)
		client_remove(c, row->pool - 1, id);
	else
		client_add(c, row->pool - 1, id);
}

/* Programs beside ioctls */

static sigjmp_buf touch_fault;
static volatile sig_atomic_t touching;

static void touch_caught(int sig)
{
	if (touching)
		siglongjmp(touch_fault, 1);
	signal(sig, SIG_DFL);
}

/*
 * A fault that cannot be served is SIGBUS; if the failure that is due hits the delivery of that
 * signal, it is SIGSEGV instead. Asking for the signals, and restoring a mask, may fail as well: the
 * first is done when no failure is due, the second not at all.
 */
static void touch_catch(void)
{
	struct sigaction action = { .sa_handler = touch_caught, .sa_flags = SA_NODEFER };

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

static void touch(volatile uint32_t *at, size_t size, uint64_t r)
{
	touching = !sigsetjmp(touch_fault, 0);
	if (!touching)
		return;
	for (size_t i = r % 1024; i < size / 4; i += 1024 * (1 + (r >> 10) % 64))
		at[i] += 1;
	touching = 0;
}

static void act_map(struct fuzz_client *c)
{
	struct drm_nova_gem_mmap_offset offset = {
		.handle = c->nr[FUZZ_BO] ? c->id[FUZZ_BO][fuzz_random(&c->rng) % c->nr[FUZZ_BO]] : 0,
	};
	unsigned int slot = fuzz_random(&c->rng) % 8;
	size_t size = 4096 << fuzz_random(&c->rng) % 10;

	if (ioctl(c->fd, DRM_IOCTL_NOVA_GEM_MMAP_OFFSET, &offset))
		return;
	if (c->map[slot] && munmap(c->map[slot], c->map_size[slot]))
		return;
	c->map[slot] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, offset.offset);
	c->map_size[slot] = size;
	if (c->map[slot] == MAP_FAILED)
		c->map[slot] = NULL;
}

static void act_touch(struct fuzz_client *c)
{
	unsigned int slot = fuzz_random(&c->rng) % 8;

	if (c->map[slot])
		touch(c->map[slot], c->map_size[slot], fuzz_random(&c->rng));
}

static void act_unmap_part(struct fuzz_client *c)
{
	unsigned int slot = fuzz_random(&c->rng) % 8;

	if (!c->map[slot])
		return;
	if (c->map_size[slot] > 8192 && fuzz_random(&c->rng) % 2) {
		size_t half = c->map_size[slot] / 2;

		if (!munmap((char *)c->map[slot] + half, half))
			c->map_size[slot] = half;
		return;
	}
	if (!munmap(c->map[slot], c->map_size[slot]))
		c->map[slot] = NULL;
}

/* The child inherits file and maps, writes through one, and goes without closing anything. */
static void act_fork(struct fuzz_client *c)
{
	pid_t pid = fork();

	if (!pid) {
		act_touch(c);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* All that a file has to say, and no more of it. */
static void read_to_end(int fd)
{
	char text[4096];

	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

static void act_debugfs(struct fuzz_client *c)
{
	static const char *const names[] = {
		"gem", "gpuvas", "vram_mm", "gtt_mm", "bar1", "pagetables", "stats",
		"clients", "name", "evict_vram", "evict_gtt",
	};
	const char *name = names[fuzz_random(&c->rng) % (sizeof(names) / sizeof(names[0]))];
	bool evicts = strstr(name, "evict");
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%u/%s",
		 (unsigned int)(fuzz_random(&c->rng) % 2), name);
	/* Writing pushes everything out. */
	fd = open(path, (evicts ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return;
	if (evicts)
		(void)!write(fd, "1", 1);
	read_to_end(fd);
}

static void act_fdinfo(struct fuzz_client *c)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", c->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		read_to_end(fd);
}

static void act_signal(struct fuzz_client *c)
{
	struct drm_syncobj_array array = { .count_handles = c->nr[FUZZ_SYNCOBJ] };

	array.handles = (uintptr_t)c->id[FUZZ_SYNCOBJ];
	ioctl(c->fd, fuzz_random(&c->rng) % 2 ? DRM_IOCTL_SYNCOBJ_SIGNAL : DRM_IOCTL_SYNCOBJ_RESET,
	      &array);
}

static const struct row rows[] = {
	CALL("GETPARAM", NOVA_GETPARAM, getparam),
	MAKES("GEM_CREATE", NOVA_GEM_CREATE, gem_create, drm_nova_gem_create, handle, FUZZ_BO),
	CALL("GEM_INFO", NOVA_GEM_INFO, gem_info),
	CALL("INFO", NOVA_INFO, info),
	MAKES("GEM_CREATE2", NOVA_GEM_CREATE2, gem_create2, drm_nova_gem_create2, handle, FUZZ_BO),
	MAKES("GEM_CREATE2.private", NOVA_GEM_CREATE2, gem_create2_private,
	      drm_nova_gem_create2, handle, FUZZ_BO),
	CALL("GEM_QUERY", NOVA_GEM_QUERY, gem_query),
	CALL("GEM_MMAP_OFFSET", NOVA_GEM_MMAP_OFFSET, gem_mmap_offset),
	CALL("GEM_WAIT", NOVA_GEM_WAIT, gem_wait),
	CALL("GEM_MADVISE", NOVA_GEM_MADVISE, gem_madvise),
	CALL("GEM_SET_LABEL", NOVA_GEM_SET_LABEL, gem_set_label),
	ENDS("GEM_CLOSE", GEM_CLOSE, gem_close, drm_gem_close, handle, FUZZ_BO),
	MAKES("VM_CREATE", NOVA_VM_CREATE, vm_create, drm_nova_vm_create, vm_id, FUZZ_VM),
	ENDS("VM_DESTROY", NOVA_VM_DESTROY, vm_destroy, drm_nova_vm_destroy, vm_id, FUZZ_VM),
	CALL("VM_BIND", NOVA_VM_BIND, vm_bind),
	CALL("VM_BIND.async", NOVA_VM_BIND, vm_bind_async),
	CALL("VM_GET_STATE", NOVA_VM_GET_STATE, vm_get_state),
	CALL("VM_QUERY_RANGES", NOVA_VM_QUERY_RANGES, vm_query_ranges),
	MAKES("QUEUE_CREATE", NOVA_QUEUE_CREATE, queue_create,
	      drm_nova_queue_create, queue_id, FUZZ_QUEUE),
	ENDS("QUEUE_DESTROY", NOVA_QUEUE_DESTROY, queue_destroy,
	      drm_nova_queue_destroy, queue_id, FUZZ_QUEUE),
	CALL("QUEUE_GET_STATE", NOVA_QUEUE_GET_STATE, queue_get_state),
	CALL("EXEC", NOVA_EXEC, exec),
	MAKES("PRIME_EXPORT", PRIME_HANDLE_TO_FD, prime_export, drm_prime_handle, fd, FUZZ_FD),
	MAKES("PRIME_IMPORT", PRIME_FD_TO_HANDLE, prime_import, drm_prime_handle, handle, FUZZ_BO),
	MAKES("SYNCOBJ_CREATE", SYNCOBJ_CREATE, syncobj_create,
	      drm_syncobj_create, handle, FUZZ_SYNCOBJ),
	ENDS("SYNCOBJ_DESTROY", SYNCOBJ_DESTROY, syncobj_destroy,
	      drm_syncobj_destroy, handle, FUZZ_SYNCOBJ),
	ACT("map", act_map),
	ACT("touch", act_touch),
	ACT("unmap", act_unmap_part),
	ACT("fork", act_fork),
	ACT("debugfs", act_debugfs),
	ACT("fdinfo", act_fdinfo),
	ACT("signal", act_signal),
};

/** fuzz_nr_rows - rows of the grammar */
unsigned int fuzz_nr_rows(void)
{
	return sizeof(rows) / sizeof(rows[0]);
}

/**
 * fuzz_row_name - name of a row
 * @row: below fuzz_nr_rows()
 *
 * Return: its name, without blanks and slashes.
 */
const char *fuzz_row_name(unsigned int row)
{
	return rows[row].name;
}

/**
 * fuzz_row_find - row of a name
 * @name: need not be terminated
 * @len: its length
 *
 * Return: the row, -1 if there is none.
 */
int fuzz_row_find(const char *name, size_t len)
{
	for (unsigned int i = 0; i < fuzz_nr_rows(); i++)
		if (strlen(rows[i].name) == len && !memcmp(rows[i].name, name, len))
			return i;
	return -1;
}

/**
 * fuzz_client_open - open the first render node there is
 * @client: all of it is set
 *
 * Return: 0 or -errno.
 */
int fuzz_client_open(struct fuzz_client *client)
{
	struct drm_version version = {};
	char path[32];

	memset(client, 0, sizeof(*client));
	touch_catch();
	client->fail_fd = open("/proc/thread-self/fail-nth", O_WRONLY | O_CLOEXEC);
	for (int minor = 128; minor < 144; minor++) {
		char name[8] = "";

		snprintf(path, sizeof(path), "/dev/dri/renderD%d", minor);
		client->fd = open(path, O_RDWR | O_CLOEXEC);
		if (client->fd < 0)
			continue;
		version.name = name;
		version.name_len = sizeof(name) - 1;
		if (!ioctl(client->fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, "nova"))
			return 0;
		close(client->fd);
	}
	client->fd = -1;
	if (client->fail_fd >= 0)
		close(client->fail_fd);
	return -ENODEV;
}

/**
 * fuzz_client_close - let go of everything but the maps' pages, as a program that exits does
 * @client: opened
 */
void fuzz_client_close(struct fuzz_client *client)
{
	for (unsigned int i = 0; i < 8; i++)
		if (client->map[i])
			munmap(client->map[i], client->map_size[i]);
	for (unsigned int i = 0; i < client->nr[FUZZ_FD]; i++)
		close(client->id[FUZZ_FD][i]);
	close(client->fd);
	if (client->fail_fd >= 0)
		close(client->fail_fd);
}

/*
 * From the next call of the kernel on, the n-th allocation or copy of this task fails; 0: none. That
 * call may be the one that asks for none, after which there is none due either. No signal meanwhile:
 * the copies that bring one and return from it would count, and a task that cannot return is killed.
 */
static void client_fail(struct fuzz_client *c, unsigned int n)
{
	char text[8];
	size_t len = snprintf(text, sizeof(text), "%u", n);
	ssize_t written = 0;
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	if (n)
		sigprocmask(SIG_BLOCK, &alarms, NULL);
	if (c->fail_fd >= 0)
		written = pwrite(c->fail_fd, text, len, 0);
	(void)written;
	if (!n)
		sigprocmask(SIG_UNBLOCK, &alarms, NULL);
}

/**
 * fuzz_run - make one call
 * @client: whose
 * @call: which
 */
void fuzz_run(struct fuzz_client *client, const struct fuzz_call *call)
{
	const struct row *row = &rows[call->row];

	client->rng = call->seed | 1ull << 32;
	if (call->fail)
		client_fail(client, call->fail);
	if (row->act)
		row->act(client);
	else
		run_ioctl(client, row);
	if (call->fail)
		client_fail(client, 0);
}
