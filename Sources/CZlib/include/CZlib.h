#ifndef CZLIB_H
#define CZLIB_H

#include <zlib.h>

// Swift does not import zlib's macros that take arguments: these functions stand for them.

/// inflateInit2 that reads one gzip member and nothing else.
static inline int czlib_gunzip_init(z_streamp stream) {
    return inflateInit2(stream, MAX_WBITS + 16);
}

/// inflateInit2 that reads deflate blocks without a header or a checksum.
static inline int czlib_inflate_raw_init(z_streamp stream) {
    return inflateInit2(stream, -MAX_WBITS);
}

#endif
