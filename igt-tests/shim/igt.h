/* SPDX-License-Identifier: MIT */

#ifndef __NOVA_IGT_SHIM_H__
#define __NOVA_IGT_SHIM_H__

/*
 * The part of IGT GPU Tools our tests use, for building them where only the
 * shared library is installed: distributions package libigt.so.0 and no header.
 * Written from the documented interface, which 1.27 to 2.5 have in common;
 * igt.symbols beside this file lists what the library must export. With
 * -Digt_source= the real igt.h is used instead and this file is not seen.
 *
 * A block macro is a "for" of at most one turn: the library decides at its head
 * whether the block runs, and a failure inside jumps back to the sigsetjmp()
 * there, which ends it.
 */

#include <errno.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xf86drm.h>

#define __igt_noreturn __attribute__((noreturn))
#define __igt_printf(f, a) __attribute__((format(printf, f, a)))

extern sigjmp_buf igt_subtest_jmpbuf;
extern sigjmp_buf igt_dynamic_jmpbuf;
extern const char *__igt_test_description __attribute__((weak));

typedef int (*igt_opt_handler_t)(int opt, int opt_index, void *data);

enum igt_log_level {
	IGT_LOG_DEBUG,
	IGT_LOG_INFO,
	IGT_LOG_WARN,
	IGT_LOG_CRITICAL,
	IGT_LOG_NONE,
};

void igt_subtest_init_parse_opts(int *argc, char **argv, const char *short_opts,
				 const struct option *long_opts, const char *help,
				 igt_opt_handler_t handler, void *data);
void igt_exit(void) __igt_noreturn;
void igt_success(void);
bool __igt_fixture(void);
void __igt_fixture_complete(void);
bool __igt_run_subtest(const char *name, const char *file, const int line);
void __igt_enter_dynamic_container(void);
bool __igt_run_dynamic_subtest(const char *name);
bool __igt_fork(void);
void igt_waitchildren(void);
void __igt_subtest_group_save(int *save, int *desc);
void __igt_subtest_group_restore(int save, int desc);
void igt_describe_f(const char *fmt, ...) __igt_printf(1, 2);
void igt_log(const char *domain, enum igt_log_level level, const char *fmt, ...)
	__igt_printf(3, 4);
void __igt_skip_check(const char *file, const int line, const char *func, const char *check,
		      const char *fmt, ...) __igt_printf(5, 6) __igt_noreturn;
void __igt_fail_assert(const char *domain, const char *file, const int line, const char *func,
		       const char *assertion, const char *fmt, ...)
	__igt_printf(6, 7) __igt_noreturn;

/* Everything but vgem, whose bit is 2 in all versions. */
#define DRIVER_ANY (~(1u << 2))

int drm_open_driver(int chipset);
int drm_open_driver_render(int chipset);
int drm_reopen_driver(int fd);
int drm_close_driver(int fd);

#define IGT_TEST_DESCRIPTION(text) const char *__igt_test_description = (text)
#define igt_describe(text) igt_describe_f("%s", (text))
#define igt_info(...) igt_log(NULL, IGT_LOG_INFO, __VA_ARGS__)
#define igt_debug(...) igt_log(NULL, IGT_LOG_DEBUG, __VA_ARGS__)

#define igt_main() \
	__nova_igt_unused(void); \
	static void __nova_igt_body(void); \
	int main(int argc, char **argv) \
	{ \
		igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL); \
		__nova_igt_body(); \
		igt_exit(); \
	} \
	static void __nova_igt_body(void)

#define igt_fixture() \
	for (volatile int __fixture = 0; \
	     __fixture < 1 && __igt_fixture() && sigsetjmp(igt_subtest_jmpbuf, 1) == 0; \
	     __fixture++, __igt_fixture_complete())

#define igt_subtest(name) \
	for (; __igt_run_subtest((name), __FILE__, __LINE__) && \
	       sigsetjmp(igt_subtest_jmpbuf, 1) == 0; igt_success())

#define igt_subtest_f(...) \
	for (char __name[256]; snprintf(__name, sizeof(__name), __VA_ARGS__), \
	     __igt_run_subtest(__name, __FILE__, __LINE__) && \
	     sigsetjmp(igt_subtest_jmpbuf, 1) == 0; igt_success())

#define igt_subtest_with_dynamic(name) \
	for (; __igt_run_subtest((name), __FILE__, __LINE__) && \
	       (__igt_enter_dynamic_container(), true) && \
	       sigsetjmp(igt_subtest_jmpbuf, 1) == 0; igt_success())

#define igt_dynamic(name) \
	for (; __igt_run_dynamic_subtest(name) && sigsetjmp(igt_dynamic_jmpbuf, 1) == 0; \
	     igt_success())

#define igt_dynamic_f(...) \
	for (char __name[256]; snprintf(__name, sizeof(__name), __VA_ARGS__), \
	     __igt_run_dynamic_subtest(__name) && \
	     sigsetjmp(igt_dynamic_jmpbuf, 1) == 0; igt_success())

#define igt_subtest_group() \
	for (int __turn = 0, __save = 0, __desc = 0; \
	     __turn < 1 && (__igt_subtest_group_save(&__save, &__desc), true); \
	     __turn++, __igt_subtest_group_restore(__save, __desc))

#define igt_fork(child, nr) \
	for (int child = 0; child < (nr); child++) \
		for (; __igt_fork(); exit(0))

#define igt_assert_f(cond, ...) do { \
	if (!(cond)) \
		__igt_fail_assert(NULL, __FILE__, __LINE__, __func__, #cond, __VA_ARGS__); \
} while (0)
#define igt_assert(cond) igt_assert_f(cond, NULL)

#define __nova_igt_compare(type, fmt, a, op, b) do { \
	type __a = (a), __b = (b); \
	if (!(__a op __b)) \
		__igt_fail_assert(NULL, __FILE__, __LINE__, __func__, #a " " #op " " #b, \
				  "error: " fmt " !" #op " " fmt "\n", __a, __b); \
} while (0)

#define igt_assert_eq(a, b) __nova_igt_compare(int, "%d", a, ==, b)
#define igt_assert_neq(a, b) __nova_igt_compare(int, "%d", a, !=, b)
#define igt_assert_lte(a, b) __nova_igt_compare(int, "%d", a, <=, b)
#define igt_assert_lt(a, b) __nova_igt_compare(int, "%d", a, <, b)
#define igt_assert_eq_u32(a, b) __nova_igt_compare(uint32_t, "%#x", a, ==, b)
#define igt_assert_eq_u64(a, b) \
	__nova_igt_compare(unsigned long long, "%#llx", a, ==, b)

#define igt_require_f(cond, ...) do { \
	if (!(cond)) \
		__igt_skip_check(__FILE__, __LINE__, __func__, #cond, __VA_ARGS__); \
} while (0)
#define igt_require(cond) igt_require_f(cond, NULL)

#endif /* __NOVA_IGT_SHIM_H__ */
