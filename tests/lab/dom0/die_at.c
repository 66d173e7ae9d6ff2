/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded into pvhd: has it killed just before it calls a function of libxenctrl, libxenstore, ... or of libc. */
/* /run/die-at holds the function's name and how many calls of it, from when the file is there, it takes: "xs_write 3"; */
/* or "trace 0", which prints the functions as they are called. */
/* POINT(function) of each that there is follows when this is compiled (boot.sh). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char plan[] = "/run/die-at";
static atomic_int calls;

/* Only system calls: what is called here must not be a point itself. */
static int read_plan(char *function, int *count) {
    char text[128] = "";
    long fd = syscall(SYS_openat, AT_FDCWD, plan, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    long size = syscall(SYS_read, fd, text, sizeof(text) - 1);
    syscall(SYS_close, fd);
    return size > 0 && sscanf(text, "%99s %d", function, count) == 2;
}

/* Returns the real function. */
__attribute__((used)) void *die_or_find(const char *name) {
    char function[100];
    int count = 0;
    if (!read_plan(function, &count)) {
        atomic_store(&calls, 0);
    } else if (strcmp(function, "trace") == 0) {
        char line[128];
        syscall(SYS_write, 2, line, snprintf(line, sizeof(line), "point %s\n", name));
    } else if (strcmp(function, name) == 0 && atomic_fetch_add(&calls, 1) + 1 == count) {
        syscall(SYS_unlink, plan);
        syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    }
    return dlsym(RTLD_NEXT, name);
}

/* Whatever its parameters: they are left where the caller put them. Seven pushes and the return address keep the stack */
/* aligned. */
#define POINT(function)                                                                                                \
    __asm__(".text\n.globl " #function "\n.type " #function ", @function\n" #function ":\n"                            \
            "push %rdi\npush %rsi\npush %rdx\npush %rcx\npush %r8\npush %r9\npush %rax\n"                              \
            "lea 1f(%rip), %rdi\ncall die_or_find@PLT\nmov %rax, %r11\n"                                               \
            "pop %rax\npop %r9\npop %r8\npop %rcx\npop %rdx\npop %rsi\npop %rdi\njmp *%r11\n"                          \
            ".section .rodata\n1: .asciz \"" #function "\"\n.text\n");
