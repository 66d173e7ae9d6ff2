/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The smallest PVH kernel: says "tiny: hello" on port 0xE9, which Xen logs as "(dN) tiny: hello", then idles for ever;
   with SHUTDOWN defined (as --defsym SHUTDOWN=n) it asks Xen for that kind of shutdown instead, by the numbers of
   xen/include/public/sched.h: 0 poweroff, 1 reboot, 3 crash.
   Entered in flat 32-bit protected mode, paging off, interrupts off.   [xen docs/misc/pvh.pandoc] */
        .code32
        .section .note.Xen, "a", @note
        .long   4, 4, 18                /* XEN_ELFNOTE_PHYS32_ENTRY */
        .asciz  "Xen"
        .long   _start

        .text
        .globl  _start
_start: mov     $hello, %esi
        mov     $hello_size, %ecx
        cld
        mov     $0xe9, %dx
        rep     outsb
.ifdef SHUTDOWN
        mov     $0x40000002, %eax       /* EBX: the MSR that fills a hypercall page   [public/arch-x86/cpuid.h] */
        cpuid
        mov     %ebx, %ecx
        mov     $page, %eax
        xor     %edx, %edx
        wrmsr
        mov     $stack, %esp
        mov     $2, %ebx                /* SCHEDOP_shutdown */
        mov     $reason, %ecx
        mov     $(page + 29 * 32), %eax /* __HYPERVISOR_sched_op */
        call    *%eax
.endif
idle:   sti                             /* hlt with interrupts off would be a shutdown */
        hlt
        jmp     idle

hello:  .ascii  "tiny: hello\n"
        .equ    hello_size, . - hello
.ifdef SHUTDOWN
        .align  4
reason: .long   SHUTDOWN
        .bss
        .align  4096
page:   .skip   4096
        .skip   256
stack:
.endif
