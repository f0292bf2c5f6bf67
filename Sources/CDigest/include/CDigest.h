#ifndef CDIGEST_H
#define CDIGEST_H

#include <stddef.h>

// SHA-256 (FIPS 180-4) of bytes that come in pieces, by the system's library: OpenSSL's libcrypto,
// on macOS CommonCrypto. Both use the processor's instructions for it.

enum { CDIGEST_SHA256_SIZE = 32 };

typedef struct cdigest_sha256 cdigest_sha256;

// A hash of no bytes yet; NULL where memory ran out. Ends with cdigest_sha256_free.
cdigest_sha256 *cdigest_sha256_create(void);

void cdigest_sha256_append(cdigest_sha256 *hash, const void *bytes, size_t count);

// Writes the 32 bytes of the hash; more bytes may be appended afterwards. Returns 1, or 0 where it
// failed.
int cdigest_sha256_value(const cdigest_sha256 *hash, unsigned char *value);

void cdigest_sha256_free(cdigest_sha256 *hash);

#endif
