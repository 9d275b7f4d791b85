/* Makes writes and syncs of the files whose path holds FAULT_PATH fail with FAULT_ERRNO: the one
   numbered FAULT_AT (with FAULT_FOR_GOOD all that follow as well), or, with FAULT_WHEN, every one
   while that file exists.
   cc -shared -fPIC -o failing.so failing.c -ldl */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long seen;

static int fails(int fd)
{
    const char *wanted = getenv("FAULT_PATH"), *at = getenv("FAULT_AT");
    const char *when = getenv("FAULT_WHEN");
    char link[64], path[4096];
    if (!wanted || (when && access(when, F_OK)))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return 0;
    path[length] = 0;
    if (!strstr(path, wanted))
        return 0;
    if (!when) {
        long number = __sync_add_and_fetch(&seen, 1);
        if (number != atol(at) && !(getenv("FAULT_FOR_GOOD") && number > atol(at)))
            return 0;
    }
    errno = atoi(getenv("FAULT_ERRNO"));
    return 1;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write);
    return fails(fd) ? -1 : real(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    REAL(pwrite);
    return fails(fd) ? -1 : real(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    REAL(pwrite64);
    return fails(fd) ? -1 : real(fd, data, size, at);
}

int fsync(int fd)
{
    REAL(fsync);
    return fails(fd) ? -1 : real(fd);
}

int fdatasync(int fd)
{
    REAL(fdatasync);
    return fails(fd) ? -1 : real(fd);
}
