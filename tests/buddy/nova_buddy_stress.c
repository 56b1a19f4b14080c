// SPDX-License-Identifier: MIT
/*
 * Seeded random load for the buddy allocator: nova_buddy_stress [operations [seed]]
 *
 * Runs byte streams of a fixed length, each of its own seed, until the number of operations is
 * reached. A stream that fails is cut down to the shortest prefix that fails and traced.
 */

#include "nova_buddy_model.h"

#include <sys/wait.h>
#include <unistd.h>

#define STREAM	8192

static void fill(u8 *data, u64 seed)
{
	unsigned int i;

	for (i = 0; i < STREAM; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		data[i] = seed >> 24;
	}
}

static bool survives(const u8 *data, size_t size, bool trace)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (!trace && !freopen("/dev/null", "w", stderr))
			_exit(1);
		model_run(data, size, trace);
		fflush(stdout);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static int report(const u8 *data, u64 seed)
{
	size_t lo = 0, hi = STREAM;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (survives(data, mid, false))
			lo = mid;
		else
			hi = mid;
	}
	printf("seed %llu fails with its first %zu bytes:\n", seed, hi);
	survives(data, hi, true);
	return 1;
}

int main(int argc, char **argv)
{
	unsigned long want = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000000, ops = 0;
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	static u8 data[STREAM];

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("first seed %llu\n", seed);
	for (; ops < want; seed++) {
		int status, pipefd[2];
		unsigned long done = 0;
		unsigned int i;
		pid_t pid;

		if (pipe(pipefd))
			return 1;
		/* a child runs many streams: a crash leaves the seed it was at in the pipe */
		pid = fork();
		if (!pid) {
			for (i = 0; i < 256; i++) {
				fill(data, (seed + i) * 0x9e3779b97f4a7c15ull + 1);
				done += model_run(data, STREAM, false);
				if (write(pipefd[1], &done, sizeof(done)) != sizeof(done))
					_exit(1);
			}
			_exit(0);
		}
		close(pipefd[1]);
		for (i = 0; read(pipefd[0], &done, sizeof(done)) == sizeof(done); i++)
			;
		close(pipefd[0]);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
		seed += i;
		if (status) {
			fill(data, seed * 0x9e3779b97f4a7c15ull + 1);
			return report(data, seed);
		}
		ops += done;
	}
	printf("%lu operations, last seed %llu\n", ops, seed);
	return 0;
}
