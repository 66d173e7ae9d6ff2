# SPDX-License-Identifier: LGPL-2.1-or-later
# What a domain with ap_startup = "vcpuop" runs before its kernel, and what then starts its APs.
#
# The domain has one vCPU more than the kernel is told of: the watchman. The BSP comes in as the boot ABI has it, starts the
# watchman, and goes on to the kernel with the registers it came with. The watchman sleeps in SCHEDOP_poll, looks into ACPI's
# multiprocessor wakeup mailbox, and starts the AP that the kernel names there: by VCPUOP_initialise, in 64-bit mode, at the
# kernel's vector, and VCPUOP_up.   [ACPI 6.6 section 5.2.12.19; xen/include/public/vcpu.h, sched.h]
#
# APs do not wait by themselves, as the ACPI text suggests: for that they would have to be up, and Xen then refuses the
# VCPUOP_register_vcpu_info that Linux issues for an AP before it starts it. (Linux 6.1 panics.) Down and untouched, they
# can as well be started by INIT and SIPI, or by hypercall.   [xen/common/domain.c map_vcpu_info]
#
# Assembled and linked at its address in the guest (layout.h) by ap_stub.cmake.

        .text
stub:
        .equ    DATA, stub + 0x800              # what the daemon composed: struct ApStartupData
        .equ    BSP_STACK, stub + 0xf00
        .equ    STACK, stub + 0x1000            # of the watchman
        .equ    HYPERCALLS, stub + 0x1000
        .equ    MAILBOX, stub + 0x2000

        .equ    WATCHMAN_CONTEXT, 0             # offsets in DATA
        .equ    AP_CONTEXT, 128
        .equ    AP_RIP, AP_CONTEXT + 72
        .equ    AP_EFER, AP_CONTEXT + 112
        .equ    ENTRY, 256                      # of the kernel
        .equ    VCPUS, 260                      # that the kernel knows of; the watchman comes behind them
        .equ    REASON, 264                     # of a shutdown
        .equ    POLL, 272                       # struct sched_poll: ports, how many of them (none), timeout
        .equ    POLL_TIMEOUT, POLL + 16
        .equ    BEGIN, 296                      # when it began to wait for this command
        .equ    RUNSTATE, 304                   # struct vcpu_runstate_info
        .equ    RUNSTATE_ENTRY_TIME, RUNSTATE + 8 # when it last began to run: as good as now

        .equ    COMMAND, 0                      # offsets in the mailbox
        .equ    APIC_ID, 4
        .equ    VECTOR, 8
        .equ    COMMAND_WAKEUP, 1
        .equ    COMMAND_TEST, 2                 # has the kernel's AP come back?

        .equ    VCPU_OP, HYPERCALLS + 24 * 32
        .equ    VCPUOP_INITIALISE, 0
        .equ    VCPUOP_UP, 1
        .equ    VCPUOP_DOWN, 2
        .equ    VCPUOP_IS_UP, 3
        .equ    VCPUOP_GET_RUNSTATE_INFO, 4
        .equ    SCHED_OP, HYPERCALLS + 29 * 32
        .equ    SCHEDOP_SHUTDOWN, 2
        .equ    SCHEDOP_POLL, 3
        .equ    SHUTDOWN_CRASH, 3
        .equ    EEXIST, 17
        .equ    XEN_HYPERCALL_LEAF, 0x40000002  # no Viridian in a PVH domain, so Xen's leaves begin at 0x40000000
        .equ    CPU_FEATURES_LEAF, 0x80000001
        .equ    CPU_HAS_NX, 1 << 20             # in %edx
        .equ    NX_TO_NXE, 20 - 11              # EFER.NXE is bit 11
        .equ    LOG_PORT, 0xe9                  # each line of it goes to Xen's log

        .equ    ICR_LOW, 0xfee00300             # of the local APIC
        .equ    ICR_HIGH, 0xfee00310
        .equ    ICR_INIT, 0x4500                # INIT, assert

        .equ    SHORTEST, 1000000               # sleep, in ns
        .equ    LONGEST, 100000000
        .equ    PATIENCE, 8                     # between them 1/256 of the time that it has waited

        .long   bsp, watchman, given_back       # for ap_startup.cpp, which checks that all is where it takes it to be
        .long   DATA, HYPERCALLS, MAILBOX

# ---- the BSP: 32-bit mode, no paging, flat segments, %ebx = start_info ------------------------------------------------------
        .code32
bsp:
        mov     %ebx, %ebp
        mov     $BSP_STACK, %esp
        mov     $XEN_HYPERCALL_LEAF, %eax
        cpuid
        mov     %ebx, %ecx                      # the MSR
        mov     $HYPERCALLS, %eax
        xor     %edx, %edx
        wrmsr

        # Without it 6.12 dies when an AP starts, as it would of NX bits before it sets EFER itself; 6.1 does not.
        mov     $CPU_FEATURES_LEAF, %eax
        cpuid
        and     $CPU_HAS_NX, %edx
        shr     $NX_TO_NXE, %edx
        or      %edx, DATA + AP_EFER

        mov     $VCPUOP_INITIALISE, %ebx
        mov     DATA + VCPUS, %ecx
        mov     $DATA + WATCHMAN_CONTEXT, %edx
        call    VCPU_OP
        test    %eax, %eax
        jnz     failed
        mov     $VCPUOP_UP, %ebx
        mov     DATA + VCPUS, %ecx
        call    VCPU_OP
        test    %eax, %eax
        jnz     failed

        push    $2                              # the flags it came with
        popf
        mov     %ebp, %ebx
        mov     $0, %eax
        mov     $0, %ecx
        mov     $0, %edx
        mov     $0, %esi
        mov     $0, %edi
        mov     $0, %ebp
        mov     $0, %esp
        jmp     *(DATA + ENTRY)

failed:                                         # a kernel that writes to the mailbox would wait for ever
        mov     $message, %esi
        mov     $message_end - message, %ecx
1:      lodsb
        out     %al, $LOG_PORT
        loop    1b
        mov     $SCHEDOP_SHUTDOWN, %ebx
        movl    $SHUTDOWN_CRASH, DATA + REASON
        mov     $DATA + REASON, %ecx
        call    SCHED_OP
2:      hlt
        jmp     2b

message:
        .ascii  "pvhd: ap_startup: Xen refuses to start the vCPU that starts the others\n"
message_end:

# ---- the watchman: 64-bit mode, the first 4 GiB mapped to themselves, interrupts off ----------------------------------------
        .code64
watchman:
        mov     $STACK, %esp
        mov     $MAILBOX, %r12d
        mov     $DATA, %ebp

look:   movzwl  COMMAND(%r12), %r13d
        test    %r13d, %r13d
        jz      rest
        mov     APIC_ID(%r12), %ebx
        shr     $1, %ebx                        # the vCPU's number
        jc      rest                            # odd: no vCPU has it
        cmp     VCPUS(%rbp), %ebx
        jae     rest
        mov     $VCPUOP_IS_UP, %edi
        mov     %ebx, %esi
        call    VCPU_OP
        test    %eax, %eax
        jnz     rest                            # the kernel has it, or has not let it go yet
        cmp     $COMMAND_TEST, %r13d
        je      done
        cmp     $COMMAND_WAKEUP, %r13d
        jne     rest

        mov     VECTOR(%r12), %rax
        mov     %rax, AP_RIP(%rbp)
        mov     $VCPUOP_INITIALISE, %edi
        mov     %ebx, %esi
        lea     AP_CONTEXT(%rbp), %rdx
        call    VCPU_OP
        cmp     $-EEXIST, %eax
        je      reset
        test    %eax, %eax
        jnz     rest
        mov     $VCPUOP_UP, %edi
        mov     %ebx, %esi
        call    VCPU_OP
done:   movw    $0, COMMAND(%r12)               # the kernel waits for this
        movq    $0, BEGIN(%rbp)                 # there may be more to come
        jmp     rest

reset:  mov     $ICR_HIGH, %eax                 # the kernel had it before: INIT makes it as new, shortly after
        mov     APIC_ID(%r12), %ecx
        shl     $24, %ecx
        mov     %ecx, (%rax)
        mov     $ICR_LOW, %eax
        movl    $ICR_INIT, (%rax)
        movq    $0, BEGIN(%rbp)

        # Xen powers a domain off when its last vCPU goes down. That must not depend on the watchman.
rest:   xor     %ebx, %ebx
1:      mov     $VCPUOP_IS_UP, %edi
        mov     %ebx, %esi
        call    VCPU_OP
        test    %eax, %eax
        jnz     sleep
        inc     %ebx
        cmp     VCPUS(%rbp), %ebx
        jb      1b
        mov     $VCPUOP_DOWN, %edi
        mov     VCPUS(%rbp), %esi
        call    VCPU_OP

sleep:  mov     $VCPUOP_GET_RUNSTATE_INFO, %edi # for the time; the page that Xen shares it by is the kernel's to place
        mov     VCPUS(%rbp), %esi
        lea     RUNSTATE(%rbp), %rdx
        call    VCPU_OP
        mov     RUNSTATE_ENTRY_TIME(%rbp), %rax
        cmpq    $0, BEGIN(%rbp)
        jne     1f
        mov     %rax, BEGIN(%rbp)
1:      mov     %rax, %rdx
        sub     BEGIN(%rbp), %rdx
        shr     $PATIENCE, %rdx
        mov     $SHORTEST, %ecx
        cmp     %rcx, %rdx
        cmovb   %rcx, %rdx
        mov     $LONGEST, %ecx
        cmp     %rcx, %rdx
        cmova   %rcx, %rdx
        add     %rdx, %rax
        mov     %rax, POLL_TIMEOUT(%rbp)
        mov     $SCHEDOP_POLL, %edi
        lea     POLL(%rbp), %rsi
        call    SCHED_OP
        jmp     look

# ---- an AP that the kernel gives back: on the kernel's page tables ----------------------------------------------------------
given_back:
        cli
        hlt                                     # with interrupts off: it goes down
        jmp     given_back
