#ifndef CDIGEST_H
#define CDIGEST_H

#include <stddef.h>
#include <stdint.h>

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

// HMAC-SHA256 (RFC 2104): writes 32 bytes. Returns 1, or 0 where it failed.
int cdigest_hmac_sha256(
    const void *key, size_t key_count, const void *bytes, size_t count, unsigned char *value);

// CRC-32C (RFC 3720, appendix B.4): goes on from the checksum of what came before, 0 at first. Uses
// the instructions of SSE 4.2 where the processor has them, and of ARMv8 where the build may.
uint32_t cdigest_crc32c(uint32_t checksum, const void *bytes, size_t count);

// The same by a table, on any processor.
uint32_t cdigest_crc32c_portable(uint32_t checksum, const void *bytes, size_t count);

#endif
