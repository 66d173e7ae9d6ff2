/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guest_words DOMID ADDRESS COUNT: that many 32-bit words of a guest's memory, in hexadecimal, from one page. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <xenforeignmemory.h>

int main(int argc, char **argv) {
    xenforeignmemory_handle *memory = argc == 4 ? xenforeignmemory_open(NULL, 0) : NULL;
    if (memory == NULL) return 2;
    const uint64_t address = strtoull(argv[2], NULL, 0), in_page = address % 4096;
    const unsigned long count = strtoul(argv[3], NULL, 0);
    if (count > (4096 - in_page) / 4) return 2;
    const xen_pfn_t gfn = address / 4096;
    const char *page = xenforeignmemory_map(memory, (uint32_t)atoi(argv[1]), PROT_READ, 1, &gfn, NULL);
    if (page == NULL) return 1;
    for (unsigned long i = 0; i < count; ++i) printf("%s%08" PRIx32, i == 0 ? "" : " ", ((const uint32_t *)(page + in_page))[i]);
    printf("\n");
    return 0;
}
