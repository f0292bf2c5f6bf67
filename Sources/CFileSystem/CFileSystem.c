#define _GNU_SOURCE
#include "CFileSystem.h"

#include <errno.h>
#include <stdio.h>

#ifdef __linux__
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Of <linux/fs.h>; glibc shows it, and a function for the call, only since 2.28.
enum { EXCHANGE = 2 };

int cfs_rename_exchange(const char *first, const char *second) {
    return (int)syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, EXCHANGE);
}

#elif defined(__APPLE__)

int cfs_rename_exchange(const char *first, const char *second) {
    return renamex_np(first, second, RENAME_SWAP);
}

#else

int cfs_rename_exchange(const char *first, const char *second) {
    (void)first;
    (void)second;
    errno = ENOSYS;
    return -1;
}

#endif
