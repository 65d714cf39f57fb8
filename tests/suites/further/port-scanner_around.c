/* What a scan of the suite meets: open ports, packets that are dropped, and a terminal. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/filter.h>
#endif

#include "harness.h"
#include "port-scanner.h"
#include "program.h"

void open_three(in_port_t sorted[3])
{
    for (int i = 0; i < 3; i++) {
        in_port_t port;
        own_listener(&port);
        int at = i;
        for (; at > 0 && sorted[at - 1] > port; at--) sorted[at] = sorted[at - 1];
        sorted[at] = port;
    }
}

bool drop_at(int listener)
{
#ifdef SO_ATTACH_FILTER
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = 1, .filter = &nothing};
    return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
#else
    (void)listener;
    return false;
#endif
}

bool drop_rule(in_port_t port)
{
    char command[512];
    snprintf(
        command, sizeof command,
        "{ nft add table ip scan && nft 'add chain ip scan in { type filter hook input priority "
        "0 ; }' && nft add rule ip scan in tcp dport %d drop || iptables -A INPUT -p tcp "
        "--dport %d -j DROP; } >/dev/null 2>&1",
        port, port);
    return system(command) == 0;
}

const char *seen_on_a_terminal(const char *ports)
{
    static char seen[4096];
    struct run run = {.program = "scan", .arguments = {ports}};
    const char *arguments[MOST_ARGUMENTS + 1];
    size_t length = 0;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal == -1 || grantpt(terminal) == -1 || unlockpt(terminal) == -1) return NULL;
    fill_command(&run, arguments);
    int side = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    pid_t pid = fork();
    need(pid != -1, "fork");
    if (pid == 0) {
        dup2(side, STDERR_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        alarm((unsigned)at_most(2) + 1);
        if (graded()) limit_program();
        execvp(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    close(side);
    ssize_t got; /* EIO when the last of the other side is closed */
    while (length < sizeof seen - 1 &&
           (got = read(terminal, seen + length, sizeof seen - 1 - length)) > 0)
        length += (size_t)got;
    seen[length] = '\0';
    int status;
    waitpid(pid, &status, 0);
    expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "expected exit status 0");
    close(terminal);
    return seen;
}
