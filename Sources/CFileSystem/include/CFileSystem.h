#ifndef CFILESYSTEM_H
#define CFILESYSTEM_H

// Swaps two directory entries in one atomic step; both must exist. The C library's module does not
// show this call to Swift. Returns 0, or -1 with errno set: ENOSYS, EINVAL or ENOTSUP where the
// kernel or the file system has no such rename.
int cfs_rename_exchange(const char *first, const char *second);

// Makes all threads share two heaps; to be called before threads allocate. glibc otherwise makes up
// to eight a core, and what a lane freed in one is not used again in the others. One heap takes the
// least memory, but lanes on idle cores then wait for its lock five times a page. Large blocks come
// from the heap as well, and freed ones stay in it, since the next page or part needs them again.
// Other C libraries have no such heaps, and nothing happens there.
void cfs_use_two_heaps(void);

#endif
