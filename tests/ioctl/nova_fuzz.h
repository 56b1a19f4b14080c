/* SPDX-License-Identifier: MIT */
#ifndef NOVA_FUZZ_H
#define NOVA_FUZZ_H

/*
 * A program is a list of calls, a call a row of the grammar and a seed: all arguments follow from
 * the seed and from what the client holds at that moment. So a program is short, survives a change
 * of the grammar, and any change to it is again a program.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FUZZ_CALLS	12
#define FUZZ_CORPUS	4096

/** struct fuzz_call - one step of a program */
struct fuzz_call {
	uint32_t seed;
	uint8_t row;
	/** @fail: n-th allocation or copy that is made to fail, 0 for none */
	uint8_t fail;
};

/** struct fuzz_prog - what one client does from opening the node to closing it */
struct fuzz_prog {
	uint32_t nr;
	struct fuzz_call call[FUZZ_CALLS];
};

/** enum fuzz_pool - what a client can hold */
enum fuzz_pool { FUZZ_BO, FUZZ_VM, FUZZ_QUEUE, FUZZ_SYNCOBJ, FUZZ_FD, FUZZ_POOLS };

/** struct fuzz_client - one open file and what was made with it */
struct fuzz_client {
	int fd;
	int fail_fd;
	uint32_t id[FUZZ_POOLS][16];
	unsigned int nr[FUZZ_POOLS];
	void *map[8];
	size_t map_size[8];
	uint64_t rng;
};

/** fuzz_random - next number of a xorshift generator; *state is never 0 */
static inline uint64_t fuzz_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* The grammar: nova_fuzz_call.c */
unsigned int fuzz_nr_rows(void);
const char *fuzz_row_name(unsigned int row);
int fuzz_row_find(const char *name, size_t len);
int fuzz_client_open(struct fuzz_client *client);
void fuzz_client_close(struct fuzz_client *client);
void fuzz_run(struct fuzz_client *client, const struct fuzz_call *call);

/* What a program reached: nova_fuzz_cover.c */
struct fuzz_cover;

struct fuzz_cover *fuzz_cover_create(void);
bool fuzz_cover_attach(struct fuzz_cover *cover);
void fuzz_cover_begin(void);
unsigned int fuzz_cover_end(struct fuzz_cover *cover);
unsigned int fuzz_cover_count(const struct fuzz_cover *cover);

/* Programs as text: nova_fuzz_corpus.c */
struct fuzz_corpus {
	/** @nr: programs in @prog, some of which may still be being written */
	uint32_t nr;
	struct fuzz_prog prog[FUZZ_CORPUS];
};

int fuzz_corpus_load(struct fuzz_corpus *corpus, const char *path);
int fuzz_corpus_save(const struct fuzz_corpus *corpus, const char *path);
void fuzz_corpus_add(struct fuzz_corpus *corpus, const struct fuzz_prog *prog);
void fuzz_prog_mutate(const struct fuzz_corpus *corpus, struct fuzz_prog *prog, uint64_t *rng);
void fuzz_prog_print(const struct fuzz_prog *prog, FILE *file);

#endif
