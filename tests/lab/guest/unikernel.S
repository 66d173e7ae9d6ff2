/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a raw unikernel begins: in flat 32-bit protected mode with start_info in ebx.   [xen docs/misc/pvh.pandoc]
   Assembled for 32 bits it stays there; for 64 bits it goes to long mode first, on tables that map 4 GiB as they are. */
        .section .note.Xen, "a", @note
        .long   4, 4, 18                /* XEN_ELFNOTE_PHYS32_ENTRY */
        .asciz  "Xen"
        .long   entry

        .text
        .code32
        .globl  entry
entry:  cld
        mov     $stack_end, %esp
#ifdef __x86_64__
        mov     $tables, %eax
        mov     %eax, %cr3
        mov     $1 << 5, %eax           /* PAE */
        mov     %eax, %cr4
        mov     $0xc0000080, %ecx       /* EFER */
        mov     $1 << 8, %eax           /* LME */
        xor     %edx, %edx
        wrmsr
        mov     %cr0, %eax
        or      $1 << 31, %eax          /* PG */
        mov     %eax, %cr0
        lgdt    gdt_pointer
        ljmp    $8, $long_mode
        .code64
long_mode:
        mov     $16, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     %ebx, %edi
        call    unikernel_main
#else
        push    %ebx
        call    unikernel_main
#endif
stop:   cli
        hlt
        jmp     stop

#ifdef __x86_64__
        .data
        .balign 8
gdt:    .quad   0
        .quad   0x00af9b000000ffff      /* 64-bit code */
        .quad   0x00cf93000000ffff      /* data */
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt

        .balign 4096
tables: .quad   thirds + 3              /* present, writable */
        .balign 4096
thirds: .quad   pages + 3, pages + 0x1003, pages + 0x2003, pages + 0x3003
        .balign 4096
pages:  .set    page, 0
        .rept   2048
        .quad   page << 21 | 0x83       /* 2 MiB */
        .set    page, page + 1
        .endr
#endif

        .bss
        .balign 16
        .skip   16384
stack_end:

        .section .note.GNU-stack, "", @progbits
