/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One stub a vector, 16 bytes apart, all going to trap() with the registers as struct Trap in interrupts.h has them. */

        .text
        .code64
        .globl  trap_stubs
        .balign 16
trap_stubs:
        .set    vector, 0
        .rept   256
        .balign 16
        /* These push an error code by themselves.   [Intel SDM volume 3A, table 6-1; AMD APM volume 2, table 8-1] */
        .if (vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30)
        .else
        push    $0
        .endif
        push    $vector
        jmp     common
        .set    vector, vector + 1
        .endr

common: push    %rax
        push    %rcx
        push    %rdx
        push    %rbx
        push    %rbp
        push    %rsi
        push    %rdi
        push    %r8
        push    %r9
        push    %r10
        push    %r11
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     %rsp, %rdi
        cld
        call    trap
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %r11
        pop     %r10
        pop     %r9
        pop     %r8
        pop     %rdi
        pop     %rsi
        pop     %rbp
        pop     %rbx
        pop     %rdx
        pop     %rcx
        pop     %rax
        add     $16, %rsp               /* vector and error code */
        iretq

        .section .note.GNU-stack, "", @progbits
