// SPDX-License-Identifier: MIT
/*
 * The corpus: programs that reached something new. In a file each is a line of words NAME/SEED, or
 * NAME/SEED/N where the N-th allocation or copy is to fail; names that the grammar no longer has
 * are left out. In memory it is shared by all workers and only grows; a slot is claimed by an atomic
 * increment, so a reader may see one that is still empty, which is a program like any other.
 */
#include "nova_fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool corpus_word(const char *word, struct fuzz_call *call)
{
	const char *slash = strchr(word, '/');
	int row = slash ? fuzz_row_find(word, slash - word) : -1;
	char *end;

	if (row < 0)
		return false;
	call->row = row;
	call->seed = strtoul(slash + 1, &end, 16);
	call->fail = *end == '/' ? strtoul(end + 1, NULL, 10) : 0;
	return true;
}

/**
 * fuzz_corpus_load - add the programs of a file
 * @corpus: where to
 * @path: the file; none is an empty one
 *
 * Return: 0 or -errno.
 */
int fuzz_corpus_load(struct fuzz_corpus *corpus, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[1024];

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	while (fgets(line, sizeof(line), file)) {
		struct fuzz_prog prog = {};

		for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n"))
			if (prog.nr < FUZZ_CALLS && corpus_word(word, &prog.call[prog.nr]))
				prog.nr++;
		if (prog.nr)
			fuzz_corpus_add(corpus, &prog);
	}
	fclose(file);
	return 0;
}

/**
 * fuzz_prog_print - a program as a line of a corpus
 * @prog: the program
 * @file: where to
 */
void fuzz_prog_print(const struct fuzz_prog *prog, FILE *file)
{
	for (unsigned int i = 0; i < prog->nr; i++) {
		const struct fuzz_call *call = &prog->call[i];

		fprintf(file, "%s%s/%x", i ? " " : "", fuzz_row_name(call->row), call->seed);
		if (call->fail)
			fprintf(file, "/%u", call->fail);
	}
	fputc('\n', file);
}

/**
 * fuzz_corpus_save - write all programs
 * @corpus: of which
 * @path: the file, replaced
 *
 * Return: 0 or -errno.
 */
int fuzz_corpus_save(const struct fuzz_corpus *corpus, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return -errno;
	for (uint32_t i = 0; i < corpus->nr; i++)
		if (corpus->prog[i].nr)
			fuzz_prog_print(&corpus->prog[i], file);
	return fclose(file) ? -errno : 0;
}

/**
 * fuzz_corpus_add - keep a program, unless there is no room
 * @corpus: where
 * @prog: which
 */
void fuzz_corpus_add(struct fuzz_corpus *corpus, const struct fuzz_prog *prog)
{
	uint32_t i = __atomic_fetch_add(&corpus->nr, 1, __ATOMIC_RELAXED);

	if (i < FUZZ_CORPUS)
		corpus->prog[i] = *prog;
	else
		__atomic_store_n(&corpus->nr, FUZZ_CORPUS, __ATOMIC_RELAXED);
}

static void prog_insert(struct fuzz_prog *prog, uint64_t *rng)
{
	unsigned int at = fuzz_random(rng) % (prog->nr + 1);

	if (prog->nr == FUZZ_CALLS)
		return;
	memmove(&prog->call[at + 1], &prog->call[at], (prog->nr - at) * sizeof(prog->call[0]));
	prog->call[at] = (struct fuzz_call){
		.row = fuzz_random(rng) % fuzz_nr_rows(),
		.seed = fuzz_random(rng),
	};
	prog->nr++;
}

static void prog_remove(struct fuzz_prog *prog, uint64_t *rng)
{
	unsigned int at = fuzz_random(rng) % prog->nr;

	prog->nr--;
	memmove(&prog->call[at], &prog->call[at + 1], (prog->nr - at) * sizeof(prog->call[0]));
}

/* The head of one program before the tail of another. */
static void prog_splice(const struct fuzz_corpus *corpus, struct fuzz_prog *prog, uint64_t *rng)
{
	uint32_t nr = corpus->nr < FUZZ_CORPUS ? corpus->nr : FUZZ_CORPUS;
	struct fuzz_prog other;
	unsigned int keep;

	if (!nr)
		return;
	other = corpus->prog[fuzz_random(rng) % nr];
	keep = fuzz_random(rng) % (prog->nr + 1);
	for (unsigned int i = keep; i < FUZZ_CALLS && i < other.nr; i++)
		prog->call[i] = other.call[i];
	if (other.nr > keep)
		prog->nr = other.nr;
}

/**
 * fuzz_prog_mutate - make a program of another
 * @corpus: where to splice from
 * @prog: what to change; may be empty
 * @rng: random numbers
 */
void fuzz_prog_mutate(const struct fuzz_corpus *corpus, struct fuzz_prog *prog, uint64_t *rng)
{
	do {
		struct fuzz_call *call = &prog->call[fuzz_random(rng) % (prog->nr ?: 1)];

		switch (prog->nr ? fuzz_random(rng) % 8 : 0) {
		case 0:
		case 1:
			prog_insert(prog, rng);
			break;
		case 2:
			prog_remove(prog, rng);
			break;
		case 3:
			prog_splice(corpus, prog, rng);
			break;
		case 4:
			call->fail = call->fail ? 0 : 1 + fuzz_random(rng) % 40;
			break;
		default:
			call->seed = fuzz_random(rng);
		}
	} while (!prog->nr || fuzz_random(rng) % 3 == 0);
}
