/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where APs begin, one entry for each mode. Each leaves its mark, whose offsets are those of struct Mark in ap.h, and
   counts from then on, so that it can be seen to run and to stand still. */

        .equ    MARK, 0x9000
        .equ    REAL_MODE_STACK, 0xb000
        .equ    MSR_EFER, 0xc0000080
        .equ    CODE64, 0x18

        .macro  nothing
        .endm

        /* QEMU's own CPU (7.2, under SVM) sets the accessed bit in page directory pointers, where PAE paging reserves it.
           Xen does not walk through such an entry, so cannot read an instruction that it has to emulate, and the vCPU hangs:
           the bit goes before each of those. On hardware it is never there.
           [Intel SDM volume 3A, table 4-8; xen/arch/x86/include/asm/guest_pt.h GUEST_L3_PAGETABLE_RSVD] */
        .macro  clear_accessed
        andl    $~0x20, (%esi)
        .endm

        .macro  leave_mark wide, before=nothing /* the accumulator as control registers are moved to it */
        xor     %ecx, %ecx
        .byte   0x89, 0xe1              /* mov (e)sp, (e)cx */
        .byte   0x50                    /* push (r,e)ax */
        .byte   0x29, 0xe1              /* sub (e)sp, (e)cx */
        .byte   0x58                    /* pop */
        mov     %ecx, MARK + 4
        \before
        mov     %cr0, %\wide
        mov     %eax, MARK + 8
        \before
        mov     %cr4, %\wide
        mov     %eax, MARK + 12
        mov     $MSR_EFER, %ecx
        \before
        rdmsr
        mov     %eax, MARK + 16
        mov     %cs, %eax
        mov     %eax, MARK + 20
        mov     $1, %eax
        \before
        cpuid
        shr     $24, %ebx
        mov     %ebx, MARK + 24
        movl    $1, MARK
1:      incl    MARK + 28
        \before
        pause
        jmp     1b
        .endm

        .text
        .code16                         /* runs as a copy: no absolute address in it but the mark's */
        .globl  ap_real_mode, ap_real_mode_end
ap_real_mode:
        xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %ss
        mov     $REAL_MODE_STACK, %sp
        leave_mark eax
ap_real_mode_end:

        .code32
        .globl  ap_protected_mode       /* without paging, and with that of two levels */
ap_protected_mode:
        leave_mark eax

        .globl  ap_pae_mode             /* esi points to the page directory pointers */
ap_pae_mode:
        leave_mark eax, clear_accessed

        .code64
        .globl  ap_long_mode
ap_long_mode:
        leave_mark rax

        .globl  ap_event_mode           /* goes on in C++; interrupts need descriptors to come from a table */
ap_event_mode:
        lgdt    gdt_pointer
        pushq   $CODE64
        pushq   $1f
        lretq
1:      xor     %eax, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        call    ap_event_main
2:      cli
        hlt
        jmp     2b

        .bss
        .balign 16
        .skip   8192
        .globl  ap_stack
ap_stack:
        .section .note.GNU-stack, "", @progbits
