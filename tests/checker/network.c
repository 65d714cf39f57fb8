/* A network of the check's own: network_namespaces(7), user_namespaces(7), netdevice(7). */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#endif

#include "harness.h"

bool write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY);
    bool written = file != -1 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file != -1) close(file);
    return written;
}

#ifdef __linux__
/* A user namespace of our own, where we are root. */
static bool become_root(void)
{
    char users[64], groups[64];
    snprintf(users, sizeof users, "0 %ld 1", (long)geteuid());
    snprintf(groups, sizeof groups, "0 %ld 1", (long)getegid());
    return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", users) && write_file("/proc/self/gid_map", groups);
}
#endif

/* A new network namespace has only a loopback interface, and that one is down: netdevice(7). */
bool own_network(void)
{
#ifdef __linux__
    struct ifreq request = {.ifr_name = "lo"};
    request.ifr_flags = IFF_UP;
    if (graded()) return true; /* it is in one already */
    if (unshare(CLONE_NEWNET) == -1 && (!become_root() || unshare(CLONE_NEWNET) == -1))
        return false;
    int sock = need_socket(AF_INET, SOCK_DGRAM);
    bool up = ioctl(sock, SIOCSIFFLAGS, &request) == 0;
    close(sock);
    return up;
#else
    return false;
#endif
}
