#ifndef CFILESYSTEM_H
#define CFILESYSTEM_H

// Renames that the C library's module does not show to Swift. Both return 0, or -1 with errno set:
// ENOSYS, EINVAL or ENOTSUP where the kernel or the file system has no such rename.

/// Swaps two directory entries in one atomic step; both must exist.
int cfs_rename_exchange(const char *first, const char *second);

/// Renames, but fails with EEXIST where `to` stands already.
int cfs_rename_noreplace(const char *from, const char *to);

#endif
