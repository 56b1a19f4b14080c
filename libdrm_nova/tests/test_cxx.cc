// SPDX-License-Identifier: MIT

// The header as C++ programs see it: it compiles alone, twice, with its symbols as C's.

#include <nova.h>
#include <nova.h>

#include <cstdio>

int main()
{
	uint64_t va = 0;
	nova_va_heap *heap = nullptr;
	bool good = nova_va_heap_create(0x1000, 0x10000, &heap) == 0 &&
		    nova_va_heap_alloc(heap, 0x1000, 0x1000, &va) == 0 && va == 0x1000;

	nova_va_heap_destroy(heap);
	std::printf("1..1\n%s 1 - a C++ program uses the library\n", good ? "ok" : "not ok");
	return good ? 0 : 1;
}
