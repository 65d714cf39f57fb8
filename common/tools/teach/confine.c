/*
 * confine: what `make grade` and `make meet` put around a program that nobody has read, and bubblewrap does not.
 *   confine filter FILE [debug] [paths]  writes a filter of system calls for bwrap --seccomp and seccomp(2), SECCOMP_SET_MODE_FILTER;
 *                                 with `debug` ptrace(2) stays allowed, which a sanitizer needs to look for leaks, and with `paths`
 *                                 the sockets that have one, unix(7)
 *   confine run COMMAND...        runs the command with a new session keyring in place of the teacher's: session-keyring(7)
 * What the filter refuses fails with EPERM, a socket of a family that no lesson needs with EAFNOSUPPORT.
 */
#define _GNU_SOURCE /* syscall(2), MAP_ANONYMOUS */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_FAMILIES = 64 };

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* Memory that no limit of a process counts, other processes, keys, and parts of the kernel that no lesson needs. */
static const char *const refused[] = {
    "shmget",
    "shmat",
    "semget",
    "msgget",
    "mq_open",
    "memfd_create",
    "memfd_secret",
    "socketpair",
    "keyctl",
    "add_key",
    "request_key",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "kcmp",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "unshare",
    "setns",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "open_tree",
    "move_mount",
    "fsopen",
    "fsmount",
    "mount_setattr",
    "open_by_handle_at",
    "name_to_handle_at",
    "fanotify_init",
    "quotactl",
    "swapon",
    "acct",
    "reboot",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "syslog",
    "vmsplice",
    "modify_ldt",
    "seccomp",
};

static void add(scmp_filter_ctx filter, int error, int call, unsigned count,
                const struct scmp_arg_cmp *arguments)
{
    int failed =
        seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((unsigned)error), call, count, arguments);
    if (failed == 0) return;
    errno = -failed;
    die("confine: seccomp_rule_add");
}

/* The kernel looks at the lower half of such an argument only. */
static struct scmp_arg_cmp int_is(unsigned number, int value)
{
    return SCMP_CMP(number, SCMP_CMP_MASKED_EQ, 0xffffffffU, (unsigned)value);
}

static void fill(scmp_filter_ctx filter, int debug, int paths)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        int call = seccomp_syscall_resolve_name(refused[i]);
        if (call != __NR_SCMP_ERROR) add(filter, EPERM, call, 0, NULL);
    }
    if (!debug) add(filter, EPERM, SCMP_SYS(ptrace), 0, NULL);
    for (int family = 0; family < MOST_FAMILIES; family++) {
        if (family == AF_INET || family == AF_INET6 || family == AF_NETLINK) continue;
        if (family == AF_UNIX && paths) continue; /* tests/checker/sandbox.c counts them */
        add(filter, EAFNOSUPPORT, SCMP_SYS(socket), 1, (struct scmp_arg_cmp[]){int_is(0, family)});
    }
    /* A process that hides from /proc hides its descriptors from the checks. */
    add(filter, EPERM, SCMP_SYS(prctl), 2,
        (struct scmp_arg_cmp[]){int_is(0, PR_SET_DUMPABLE), int_is(1, 0)});
    /* Pages of shared memory stay when nobody has them in his address space, where they would be counted. */
    add(filter, EPERM, SCMP_SYS(mmap), 1,
        (struct scmp_arg_cmp[]){SCMP_CMP(3, SCMP_CMP_MASKED_EQ, MAP_SHARED | MAP_ANONYMOUS,
                                         MAP_SHARED | MAP_ANONYMOUS)});
}

static void write_filter(const char *path, int debug, int paths)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL) die("confine: seccomp_init");
    fill(filter, debug, paths);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file == -1) die(path);
    int failed = seccomp_export_bpf(filter, file);
    errno = -failed;
    if (failed != 0) die("confine: seccomp_export_bpf");
    if (close(file) == -1) die(path);
    seccomp_release(filter);
}

static int has(char *const *words, const char *word)
{
    while (*words != NULL && strcmp(*words, word) != 0) words++;
    return *words != NULL;
}

int main(int argc, char *argv[])
{
    if (argc > 2 && strcmp(argv[1], "filter") == 0) {
        write_filter(argv[2], has(argv + 3, "debug"), has(argv + 3, "paths"));
        return EXIT_SUCCESS;
    }
    if (argc < 3 || strcmp(argv[1], "run") != 0) {
        fprintf(stderr, "usage: confine filter FILE [debug] [paths] | confine run COMMAND...\n");
        return 2;
    }
    /* Where the kernel has no keys there is none to read. */
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) == -1 && errno != ENOSYS &&
        errno != EPERM)
        die("confine: keyctl");
    execvp(argv[2], argv + 2);
    die(argv[2]);
}
