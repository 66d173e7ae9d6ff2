/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stopwatch FILE COMMAND...: runs the command with its output into FILE, prints the microseconds from before its start until it has
   ended, and ends with its status. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct timespec begin, end;
    int status;
    if (argc < 3) return 2;
    const int out = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    const pid_t child = vfork();
    if (child == 0) {
        dup2(out, 1);
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return 126;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%lld\n", (end.tv_sec - begin.tv_sec) * 1000000LL + (end.tv_nsec - begin.tv_nsec) / 1000);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
