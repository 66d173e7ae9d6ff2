/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The entry point of both containers: 32-bit, flat, paging off. It saves all that the boot ABI speaks of before it
   changes anything, tries the segments by use, and goes on to 64-bit mode with memory below 4 GiB mapped where it is.
   [xen docs/misc/pvh.pandoc, x86/HVM direct boot ABI] */

        .equ    KNOWN_WORD, 0x70726f62
        .equ    LAPIC_VERSION, 0xfee00030
        .equ    TOP_WORD, 0xfffffffc
        .equ    MSR_EFER, 0xc0000080
        .equ    CODE32, 0x08
        .equ    DATA, 0x10
        .equ    CODE64, 0x18

        .section .note.Xen, "a", @note
        .balign 4
        .long   4, 4, 18                /* XEN_ELFNOTE_PHYS32_ENTRY   [xen/include/public/elfnote.h] */
        .asciz  "Xen"
        .long   entry

/* Offsets are those of struct EntryState in boot.h. */
        .data
        .balign 16
        .globl  entry_state
entry_state:
        .skip   128
        .equ    SEEN, 64
known:  .long   KNOWN_WORD
        .balign 8
gdt:    .quad   0
        .quad   0x00cf9b000000ffff      /* CODE32 */
        .quad   0x00cf93000000ffff      /* DATA */
        .quad   0x00af9b000000ffff      /* CODE64 */
        .globl  gdt_pointer
gdt_pointer:                            /* 64-bit mode takes all eight bytes of the address */
        .word   . - gdt - 1
        .quad   gdt
        .balign 8
early_idt_pointer:
        .word   32 * 8 - 1
        .long   early_idt
        .balign 8
early_idt:
        .skip   32 * 8
        .skip   512
early_stack:

/* The last thing in the file: it is there if all of the file is. */
        .section .data.last, "aw"
        .globl  image_last_word
        .balign 4
image_last_word:
        .long   KNOWN_WORD

        .text
        .code32
        .globl  entry
entry:  mov     %ebx, entry_state
        mov     %cr0, %eax
        mov     %eax, entry_state + 4
        mov     %cr4, %eax
        mov     %eax, entry_state + 8
        mov     %cs, %eax
        mov     %eax, entry_state + 16
        mov     %ds, %eax
        mov     %eax, entry_state + 20
        mov     %es, %eax
        mov     %eax, entry_state + 24
        mov     %ss, %eax
        mov     %eax, entry_state + 28
        str     %eax
        mov     %eax, entry_state + 32
        mov     $early_stack, %esp
        pushf                           /* nothing before it has touched VM, IF or TF */
        popl    entry_state + 12
        cld

        /* The size of a push is that of the code: 2 in 16-bit, 4 in 32-bit, 8 in 64-bit mode. Were the stack segment
           16-bit, the push would leave the upper half of esp alone, and the read back by esp would miss. */
        mov     %esp, %ecx
        push    $KNOWN_WORD
        sub     %esp, %ecx
        mov     %ecx, entry_state + 44
        mov     (%esp), %eax
        mov     %eax, entry_state + 48
        pop     %eax
        call    read_efer

        /* A segment that is too short faults. Its fault is to end here and not in a reset, so there are gates first:
           loading descriptor tables changes no segment that is in use. */
        mov     $early_idt, %edi
        mov     $32, %ecx
1:      mov     $early_fault, %eax
        and     $0xffff, %eax
        or      $(CODE32 << 16), %eax
        mov     %eax, (%edi)
        mov     $early_fault, %eax
        and     $0xffff0000, %eax
        or      $0x8e00, %eax           /* present, 32-bit interrupt gate */
        mov     %eax, 4(%edi)
        add     $8, %edi
        loop    1b
        lgdt    gdt_pointer
        lidt    early_idt_pointer

        .macro  try_segment segment, slot
        .equ    SLOT, entry_state + SEEN + 16 * \slot
        mov     %\segment:known, %eax
        mov     %eax, SLOT
        incl    SLOT + 12
        mov     %\segment:LAPIC_VERSION, %eax
        mov     %eax, SLOT + 4
        incl    SLOT + 12
        mov     %\segment:TOP_WORD, %eax
        mov     %eax, SLOT + 8
        incl    SLOT + 12
        .endm

        try_segment ds, 0
        orl     $1, %ds:entry_state + 56
        try_segment es, 1
        orl     $2, %es:entry_state + 56
        try_segment ss, 2
        orl     $4, %ss:entry_state + 56
        try_segment cs, 3
        jmp     tried

early_fault:                            /* the counters of the slots tell where */
        movl    $1, entry_state + 52
tried:  ljmp    $CODE32, $1f
1:      mov     $DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $early_stack, %esp
        call    build_page_tables
        jmp     enter_long_mode

/* Reads efer where there is one: a processor that has long mode.   [CPUID 0x80000001 edx bit 29] */
read_efer:
        mov     $0x80000001, %eax
        cpuid
        bt      $29, %edx
        jnc     1f
        mov     $MSR_EFER, %ecx
        rdmsr
        mov     %eax, entry_state + 36
        movl    $1, entry_state + 40
1:      ret

/* 4 GiB of identity in pages of 2 MiB, and one such page that can be pointed anywhere. */
build_page_tables:
        movl    $pdpt + 3, pml4
        mov     $page_directories + 3, %eax
        mov     $pdpt, %edi
        mov     $4, %ecx
1:      mov     %eax, (%edi)
        add     $4096, %eax
        add     $8, %edi
        loop    1b
        movl    $window_directory + 3, pdpt + 511 * 8
        mov     $page_directories, %edi
        mov     $2048, %ecx
        mov     $0x83, %eax             /* present, writable, 2 MiB */
1:      mov     %eax, (%edi)
        add     $0x200000, %eax
        add     $8, %edi
        loop    1b
        ret

enter_long_mode:
        mov     $0x20, %eax             /* CR4.PAE */
        mov     %eax, %cr4
        mov     $pml4, %eax
        mov     %eax, %cr3
        mov     $MSR_EFER, %ecx
        rdmsr
        or      $0x100, %eax            /* EFER.LME */
        wrmsr
        mov     %cr0, %eax
        or      $0x80000000, %eax       /* CR0.PG */
        mov     %eax, %cr0
        ljmp    $CODE64, $1f
        .code64
1:      mov     $DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        xor     %eax, %eax
        mov     %eax, %fs
        mov     %eax, %gs
        mov     $boot_stack, %esp
        call    probe_main
1:      cli
        hlt
        jmp     1b

        .bss
        .balign 4096
pml4:   .skip   4096
pdpt:   .skip   4096
        .globl  page_directories
page_directories:
        .skip   4 * 4096
        .globl  window_entry
window_directory:
window_entry:
        .skip   4096
        .globl  untouched_begin, untouched_end
untouched_begin:
        .skip   8192
untouched_end:
        .skip   16384
boot_stack:
        .section .note.GNU-stack, "", @progbits
