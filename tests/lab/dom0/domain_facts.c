/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* domain_facts DOMID: what Xen keeps of a domain that no command of xl shows, one fact a line, so that a domain of xl's
   and one of ours can be compared. Only what both must have alike: no frame numbers, no ports. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h>
#include <xen/hvm/params.h>

static xc_interface *xc;
static uint32_t domid;

static void param(const char *name, uint32_t index) {
    uint64_t value = 0;
    if (xc_hvm_param_get(xc, domid, index, &value) == 0) printf("param %s %" PRIu64 "\n", name, value);
}

static void map(const char *name, int vcpu, const unsigned char *bits, int size) {
    printf("vcpu %d %s ", vcpu, name);
    for (int i = 0; i < size; ++i) printf("%02x", bits[i]);
    printf("\n");
}

static void affinity(int vcpu) {
    const int size = xc_get_cpumap_size(xc);
    xc_cpumap_t hard = xc_cpumap_alloc(xc), soft = xc_cpumap_alloc(xc);
    if (xc_vcpu_getaffinity(xc, domid, vcpu, hard, soft, XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT) == 0) {
        map("hard", vcpu, hard, size);
        map("soft", vcpu, soft, size);
    }
    free(hard);
    free(soft);
}

int main(int argc, char **argv) {
    if (argc != 2 || (xc = xc_interface_open(NULL, NULL, 0)) == NULL) return 2;
    domid = (uint32_t)atoi(argv[1]);

    xc_domaininfo_t info;
    if (xc_domain_getinfolist(xc, domid, 1, &info) != 1 || info.domain != domid) return 1;
    printf("max_pages %" PRIu64 "\n", (uint64_t)info.max_pages);
    printf("flags %x\n", info.flags & ~(XEN_DOMINF_running | XEN_DOMINF_blocked));
    printf("emulation %x misc %x\n", info.arch_config.emulation_flags, info.arch_config.misc_flags);
    printf("cpupool %u\n", info.cpupool);
    printf("max_vcpu_id %u\n", info.max_vcpu_id);
    for (unsigned i = 0; i <= info.max_vcpu_id; ++i) affinity((int)i);

    struct xen_domctl_sched_credit2 credit2;
    if (xc_sched_credit2_domain_get(xc, domid, &credit2) == 0) printf("credit2 weight %u cap %u\n", credit2.weight, credit2.cap);

    uint32_t mode = 0, khz = 0, incarnation = 0;
    uint64_t elapsed = 0;
    if (xc_domain_get_tsc_info(xc, domid, &mode, &elapsed, &khz, &incarnation) == 0) printf("tsc_mode %u incarnation %u\n", mode, incarnation);

    struct gnttab_query_size grants = {.dom = (domid_t)domid};
    if (xc_gnttab_query_size(xc, &grants) == 0) printf("grant frames %u of %u\n", grants.nr_frames, grants.max_nr_frames);
    printf("grant version %d\n", xc_gnttab_get_version(xc, domid));

    uint64_t pool = 0;
    if (xc_get_paging_mempool_size(xc, domid, &pool) == 0) printf("paging pool %" PRIu64 "\n", pool);
    param("timer_mode", HVM_PARAM_TIMER_MODE);
    param("altp2m", HVM_PARAM_ALTP2M);
    param("nestedhvm", 24);
    xc_interface_close(xc);
    return 0;
}
