// SPDX-License-Identifier: MIT
/*
 * Fuzzer of the driver's system calls, guided by coverage.
 *
 *	nova-fuzz SECONDS [CORPUS [NEW-CORPUS]]
 *
 * Workers run programs against the first nova render node: mutations of programs that reached code
 * nobody had reached. Each is interrupted by signals all the time, and may have the n-th allocation
 * or copy of a call fail. One more process takes the driver off the device and puts it back. The
 * kernel is the judge: a splat in its log is the finding, so run it where all checkers are on. The
 * program itself fails if a process of its own dies or the device cannot be brought back; it then
 * says which and how, and prints the programs that ran.
 */
#include "nova_fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS		4
#define UNPLUG_SECONDS	5
/* How long the device may be away: it waits for calls that clear gigabytes on an emulated machine */
#define ABSENT_SECONDS	300
#define DRIVER		"/sys/bus/platform/drivers/drm_nova"

/* What processes end with if it is not 0, in the words of reap() */
enum ending { DONE, NO_DEVICE, NOT_BOUND };

struct shared {
	struct fuzz_corpus corpus;
	/** @runs: programs run */
	uint64_t runs;
	/** @plugs: times the driver went and came back */
	uint64_t plugs;
	/** @running: each worker's program, for whoever finds the machine dead */
	struct fuzz_prog running[WORKERS];
};

static struct shared *shared;
static struct fuzz_cover *cover;

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0 && errno != EINTR)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	close(fd);
}

/* Injected failures hit what may sleep too, single pages too, and do not fill the log. */
static void prepare_injection(void)
{
	static const char *const what[] = { "failslab", "fail_page_alloc", "fail_usercopy" };
	char path[96];

	for (unsigned int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/verbose", what[i]);
		put(path, "0");
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/ignore-gfp-wait", what[i]);
		put(path, "N");
	}
	put("/sys/kernel/debug/fail_page_alloc/min-order", "0");
}

static void interrupted(int sig)
{
	(void)sig;
}

/* A signal every now and then that restarts nothing */
static void interrupt_often(unsigned int worker)
{
	struct sigaction action = { .sa_handler = interrupted };
	struct itimerval timer = { .it_interval.tv_usec = 11000 + 5300 * worker };

	timer.it_value = timer.it_interval;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void run(const struct fuzz_prog *prog)
{
	struct fuzz_client client;
	time_t end = now() + ABSENT_SECONDS;

	while (fuzz_client_open(&client)) {
		if (now() > end)
			_exit(NO_DEVICE);
		usleep(20000);
	}
	for (unsigned int i = 0; i < prog->nr; i++)
		fuzz_run(&client, &prog->call[i]);
	fuzz_client_close(&client);
}

static void work(unsigned int worker, time_t end)
{
	struct fuzz_corpus *corpus = &shared->corpus;
	uint64_t rng = (uint64_t)time(NULL) << 8 | (worker + 1);
	uint32_t first = corpus->nr;

	interrupt_often(worker);
	fuzz_cover_attach(cover);
	for (uint64_t turn = worker; now() < end; turn += WORKERS) {
		struct fuzz_prog *prog = &shared->running[worker];
		uint32_t nr = corpus->nr < FUZZ_CORPUS ? corpus->nr : FUZZ_CORPUS;

		/* What is in the corpus as it is, once; then what becomes of it. */
		memset(prog, 0, sizeof(*prog));
		if (turn < first)
			*prog = corpus->prog[turn];
		else if (nr)
			*prog = corpus->prog[fuzz_random(&rng) % nr];
		if (turn >= first)
			fuzz_prog_mutate(corpus, prog, &rng);
		fuzz_cover_begin();
		run(prog);
		if (fuzz_cover_end(cover) && turn >= first)
			fuzz_corpus_add(corpus, prog);
		__atomic_fetch_add(&shared->runs, 1, __ATOMIC_RELAXED);
	}
	_exit(DONE);
}

/* The device whose driver is to come and go: the first one bound */
static int find_device(char *name, size_t size)
{
	DIR *dir = opendir(DRIVER);
	struct dirent *entry;

	if (!dir)
		return -errno;
	*name = 0;
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, "nova-swgpu", 10))
			snprintf(name, size, "%s", entry->d_name);
	closedir(dir);
	return *name ? 0 : -ENODEV;
}

static void unplug(time_t end)
{
	char name[256], path[512];

	if (find_device(name, sizeof(name)))
		_exit(NO_DEVICE);
	snprintf(path, sizeof(path), DRIVER "/%s", name);
	while (now() + UNPLUG_SECONDS < end) {
		sleep(UNPLUG_SECONDS);
		put(DRIVER "/unbind", name);
		usleep(50000);
		put(DRIVER "/bind", name);
		if (access(path, F_OK))
			_exit(NOT_BOUND);
		shared->plugs++;
	}
	_exit(DONE);
}

static void tell(pid_t pid, int status)
{
	static const char *const why[] = {
		[NO_DEVICE] = "found no device",
		[NOT_BOUND] = "could not give the device its driver back",
	};

	if (WIFSIGNALED(status))
		fprintf(stderr, "process %d: killed by signal %d\n", (int)pid, WTERMSIG(status));
	else
		fprintf(stderr, "process %d: %s\n", (int)pid, why[WEXITSTATUS(status)]);
}

static int reap(void)
{
	int failed = 0, status;
	pid_t pid;

	while ((pid = wait(&status)) > 0) {
		if (!status)
			continue;
		failed = 1;
		tell(pid, status);
	}
	for (unsigned int i = 0; failed && i < WORKERS; i++)
		fuzz_prog_print(&shared->running[i], stderr);
	return failed;
}

int main(int argc, char **argv)
{
	time_t seconds = argc > 1 ? atol(argv[1]) : 0, end = now() + seconds;
	unsigned int loaded;
	int failed;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	cover = fuzz_cover_create();
	if (shared == MAP_FAILED || !cover || seconds <= 0) {
		fprintf(stderr, "usage: nova-fuzz SECONDS [CORPUS [NEW-CORPUS]]\n");
		return 2;
	}
	if (argc > 2 && fuzz_corpus_load(&shared->corpus, argv[2]))
		return 1;
	loaded = shared->corpus.nr;
	prepare_injection();
	for (unsigned int i = 0; i < WORKERS; i++)
		if (!fork())
			work(i, end);
	if (!fork())
		unplug(end);
	failed = reap();
	if (argc > 3 && fuzz_corpus_save(&shared->corpus, argv[3]))
		failed = 1;
	printf("%llu programs, %llu times unplugged, %u blocks reached, corpus %u + %u\n",
	       (unsigned long long)shared->runs, (unsigned long long)shared->plugs,
	       fuzz_cover_count(cover), loaded, shared->corpus.nr - loaded);
	return failed || !shared->runs;
}
