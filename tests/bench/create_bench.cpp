// SPDX-License-Identifier: LGPL-2.1-or-later
// What a create costs before Xen is asked for anything: reading the config, parsing and unpacking
// the kernel, planning.
#include "config/read_config.h"
#include "tests/support/bzimage_builder.h"
#include "tests/support/elf_builder.h"
#include "tests/support/small_plan.h"

#include <string>

#include <benchmark/benchmark.h>

namespace pvh {
namespace {

void read_a_config(benchmark::State& state) {
    const config::Source source{.name = "guest.cfg",
                                .text =
                                    "name = \"guest\"\ntype = \"pvh\"\nkernel = \"/boot/vmlinuz\"\n"
                                    "extra = \"console=hvc0\"\nmemory = 256\nvcpus = 2\n"};
    for (auto _ : state)
        benchmark::DoNotOptimize(config::read_domain_config(source, {}, "/"));
}

BENCHMARK(read_a_config);

/// 16 MiB of text that is as compressible as code is not: the unpacker's own speed.
Bytes large_kernel() {
    test::ElfImage elf = test::pvh_elf();
    Bytes text(16 * kMiB);
    unsigned noise = 1;
    for (std::byte& byte : text) {
        noise = noise * 1103515245 + 12345;
        byte = static_cast<std::byte>((noise >> 16) & 0x3f);
    }
    elf.segments.insert(elf.segments.begin() + 2, {.address = 32 * kMiB, .data = std::move(text)});
    return test::build(elf);
}

void parse_an_elf(benchmark::State& state) {
    const Bytes file = large_kernel();
    for (auto _ : state)
        benchmark::DoNotOptimize(image::parse_kernel(file));
}

BENCHMARK(parse_an_elf)->Unit(benchmark::kMillisecond);

void unpack_a_bzimage(benchmark::State& state, image::Codec codec) {
    const Bytes file = test::bzimage_of(codec, large_kernel());
    for (auto _ : state)
        benchmark::DoNotOptimize(image::parse_kernel(file));
}

BENCHMARK_CAPTURE(unpack_a_bzimage, gzip, image::Codec::gzip)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(unpack_a_bzimage, xz, image::Codec::xz)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(unpack_a_bzimage, zstd, image::Codec::zstd)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(unpack_a_bzimage, lz4, image::Codec::lz4)->Unit(benchmark::kMillisecond);

/// By vCPUs: the MADT grows with them.
void plan_a_domain(benchmark::State& state) {
    DomainSpec spec = test::small_spec();
    spec.vcpus = spec.max_vcpus = static_cast<unsigned>(state.range(0));
    for (auto _ : state)
        benchmark::DoNotOptimize(test::plan_of(spec));
}

BENCHMARK(plan_a_domain)->Arg(1)->Arg(128);

} // namespace
} // namespace pvh

BENCHMARK_MAIN();
