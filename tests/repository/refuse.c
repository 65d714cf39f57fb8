/*
 * refuse ptrace|ipv6|namespaces COMMAND...: runs a command where the kernel refuses this, as a container does or a kernel
 * that was built without it. A filter of seccomp(2) answers for the kernel; it needs no privilege. Linux only.
 *   ptrace      ptrace fails with EPERM
 *   ipv6        socket(AF_INET6, ...) fails with EAFNOSUPPORT
 *   namespaces  unshare fails with EPERM, and so does a clone that asks for a namespace
 * Exit status 125 when the filter cannot be set, 126 when the command cannot be run, or else the command's own.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAMESPACES = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID };

/* Where the first argument of a call stands: its low half, on either byte order. */
enum {
    FIRST = offsetof(struct seccomp_data, args) +
            (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(__u32) : 0)
};

#define LOAD(place) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, place)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define FAIL(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
/* The number of instructions to pass over when what was loaded is, or is not, this. */
#define IF(what, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, what, yes, no)
#define IF_ANY(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, yes, no)

static struct sock_filter no_ptrace[] = {
    LOAD(offsetof(struct seccomp_data, nr)),
    IF(SYS_ptrace, 0, 1),
    FAIL(EPERM),
    ALLOW,
};
static struct sock_filter no_ipv6[] = {
    LOAD(offsetof(struct seccomp_data, nr)),
    IF(SYS_socket, 0, 3),
    LOAD(FIRST),
    IF(AF_INET6, 0, 1),
    FAIL(EAFNOSUPPORT),
    ALLOW,
};
static struct sock_filter no_namespaces[] = {
    LOAD(offsetof(struct seccomp_data, nr)),
    IF(SYS_unshare, 3, 0),
    IF(SYS_clone, 0, 3),
    LOAD(FIRST),
    IF_ANY(NAMESPACES, 0, 1),
    FAIL(EPERM),
    ALLOW,
};

static const struct {
    const char *name;
    struct sock_fprog program;
} filters[] = {
    {"ptrace", {sizeof no_ptrace / sizeof no_ptrace[0], no_ptrace}},
    {"ipv6", {sizeof no_ipv6 / sizeof no_ipv6[0], no_ipv6}},
    {"namespaces", {sizeof no_namespaces / sizeof no_namespaces[0], no_namespaces}},
};

int main(int argc, char *argv[])
{
    for (size_t i = 0; argc > 2 && i < sizeof filters / sizeof filters[0]; i++) {
        if (strcmp(filters[i].name, argv[1]) != 0) continue;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filters[i].program) == -1) {
            perror("prctl");
            return 125;
        }
        execvp(argv[2], &argv[2]);
        perror(argv[2]);
        return 126;
    }
    fprintf(stderr, "usage: refuse ptrace|ipv6|namespaces COMMAND...\n");
    return 2;
}
