/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clients SOCKET KIND COUNT: bad company for pvhd, as the user nobody. Prints what came of it, and keeps what it has open until it is killed. */
/*   half   COUNT connections, each with a line that is begun and not ended */
/*   mute   COUNT connections that ask as much as they can send, and read nothing */
/*   flood  COUNT requests over one connection as fast as answers are read; ends when all are answered */
/*   frame  COUNT MiB on one connection without the end of a line; ends with it */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char question[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}\n";
static const char small_question[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"domain.list\"}\n";

static int dial(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

/* Tells how many of the connections still are, and stays. */
static void hold(const int *fds, int count) {
    int alive = 0, failed = 0;
    sleep(2); /* who is to be turned away is by then */
    for (int i = 0; i < count; i++) {
        char reply[4096];
        struct pollfd waiting = {.fd = fds[i], .events = POLLIN};
        if (fds[i] < 0)
            failed++;
        else if (poll(&waiting, 1, 0) == 0 || (waiting.revents & POLLHUP) == 0)
            alive++;
        else if (recv(fds[i], reply, sizeof(reply), MSG_DONTWAIT) > 0 && strstr(reply, "busy") == NULL)
            alive++;
    }
    printf("open %d refused %d failed %d\n", alive, count - alive - failed, failed);
    fflush(stdout);
    pause();
}

static void half(const char *path, int *fds, int count) {
    for (int i = 0; i < count; i++)
        if ((fds[i] = dial(path)) >= 0) send(fds[i], "{\"json", 6, MSG_NOSIGNAL | MSG_DONTWAIT);
    hold(fds, count);
}

static void mute(const char *path, int *fds, int count) {
    for (int i = 0; i < count; i++) {
        if ((fds[i] = dial(path)) < 0) continue;
        while (send(fds[i], question, sizeof(question) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
        }
    }
    hold(fds, count);
}

static void flood(const char *path, int count) {
    int fd = dial(path), sent = 0, answered = 0;
    while (fd >= 0 && answered < count) {
        char chunk[65536];
        struct pollfd waiting = {.fd = fd, .events = (short)(POLLIN | (sent < count ? POLLOUT : 0))};
        poll(&waiting, 1, -1);
        if ((waiting.revents & POLLOUT) != 0 && send(fd, small_question, sizeof(small_question) - 1, MSG_NOSIGNAL) > 0) sent++;
        if ((waiting.revents & (POLLIN | POLLHUP)) == 0) continue;
        ssize_t size = recv(fd, chunk, sizeof(chunk), 0);
        if (size <= 0) break;
        for (ssize_t i = 0; i < size; i++) answered += chunk[i] == '\n';
    }
    printf("answered %d\n", answered);
}

static void frame(const char *path, int mebibytes) {
    static char chunk[1 << 20];
    long taken = 0;
    int fd = dial(path);
    memset(chunk, 'x', sizeof(chunk));
    for (long wanted = (long)mebibytes << 20; taken < wanted;) {
        ssize_t size = send(fd, chunk, sizeof(chunk), MSG_NOSIGNAL);
        if (size <= 0) break;
        taken += size;
    }
    printf("taken %ld\n", taken);
}

int main(int argc, char **argv) {
    struct rlimit many = {4096, 4096};
    if (argc != 4) return 2;
    int count = atoi(argv[3]);
    int *fds = calloc((size_t)count, sizeof(int));
    if (fds == NULL || setrlimit(RLIMIT_NOFILE, &many) != 0 || setresgid(65534, 65534, 65534) != 0 ||
        setresuid(65534, 65534, 65534) != 0) {
        perror("clients");
        return 1;
    }
    if (strcmp(argv[2], "half") == 0) half(argv[1], fds, count);
    if (strcmp(argv[2], "mute") == 0) mute(argv[1], fds, count);
    if (strcmp(argv[2], "flood") == 0) flood(argv[1], count);
    if (strcmp(argv[2], "frame") == 0) frame(argv[1], count);
    return 0;
}
