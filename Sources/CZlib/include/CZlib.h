#ifndef CZLIB_H
#define CZLIB_H

#include <zlib.h>

// Swift does not import zlib's macros that take arguments: these functions stand for them.

/// deflateInit2 that writes one gzip member. The header names no time, no file and no system: zlib
/// writes mtime 0 by itself, and OS 255 (unknown, RFC 1952 section 2.3) is asked for here, so that
/// every platform gives the same bytes.
///
/// `header` must outlive the stream.
static inline int czlib_gzip_init(z_streamp stream, gz_headerp header, int level) {
    int status = deflateInit2(
        stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    if (status != Z_OK) {
        return status;
    }
    header->text = 0;
    header->time = 0;
    header->os = 255;
    header->extra = Z_NULL;
    header->name = Z_NULL;
    header->comment = Z_NULL;
    header->hcrc = 0;
    return deflateSetHeader(stream, header);
}

/// inflateInit2 that reads one gzip member and nothing else.
static inline int czlib_gunzip_init(z_streamp stream) {
    return inflateInit2(stream, MAX_WBITS + 16);
}

#endif
