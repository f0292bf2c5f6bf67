#define _GNU_SOURCE
#include "CFileSystem.h"

#include <errno.h>
#include <stdio.h>

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>

// The numbers of <linux/fs.h>; glibc shows them only since 2.28.
enum { CFS_NOREPLACE = 1, CFS_EXCHANGE = 2 };

static int rename_with(const char *from, const char *to, unsigned int flags) {
    return (int)syscall(SYS_renameat2, -100 /* AT_FDCWD */, from, -100, to, flags);
}

int cfs_rename_exchange(const char *first, const char *second) {
    return rename_with(first, second, CFS_EXCHANGE);
}

int cfs_rename_noreplace(const char *from, const char *to) {
    return rename_with(from, to, CFS_NOREPLACE);
}

#elif defined(__APPLE__)

int cfs_rename_exchange(const char *first, const char *second) {
    return renamex_np(first, second, RENAME_SWAP);
}

int cfs_rename_noreplace(const char *from, const char *to) {
    return renamex_np(from, to, RENAME_EXCL);
}

#else

int cfs_rename_exchange(const char *first, const char *second) {
    (void)first;
    (void)second;
    errno = ENOSYS;
    return -1;
}

int cfs_rename_noreplace(const char *from, const char *to) {
    (void)from;
    (void)to;
    errno = ENOSYS;
    return -1;
}

#endif
