#include "CDigest.h"

#include <stdlib.h>

#ifdef __APPLE__

#include <CommonCrypto/CommonDigest.h>
#include <CommonCrypto/CommonHMAC.h>

struct cdigest_sha256 {
    CC_SHA256_CTX context;
};

cdigest_sha256 *cdigest_sha256_create(void) {
    cdigest_sha256 *hash = malloc(sizeof *hash);
    if (hash != NULL) {
        CC_SHA256_Init(&hash->context);
    }
    return hash;
}

void cdigest_sha256_append(cdigest_sha256 *hash, const void *bytes, size_t count) {
    const char *rest = bytes;
    while (count > 0) {
        CC_LONG piece = count < 1 << 30 ? (CC_LONG)count : 1 << 30;
        CC_SHA256_Update(&hash->context, rest, piece);
        rest += piece;
        count -= piece;
    }
}

int cdigest_sha256_value(const cdigest_sha256 *hash, unsigned char *value) {
    CC_SHA256_CTX copy = hash->context;
    return CC_SHA256_Final(value, &copy);
}

void cdigest_sha256_free(cdigest_sha256 *hash) { free(hash); }

int cdigest_hmac_sha256(
    const void *key, size_t key_count, const void *bytes, size_t count, unsigned char *value) {
    CCHmac(kCCHmacAlgSHA256, key, key_count, bytes, count, value);
    return 1;
}

#else

#include <openssl/evp.h>
#include <openssl/hmac.h>

// A failure of libcrypto is kept in `failed`, so that it shows where the value is asked for.
struct cdigest_sha256 {
    EVP_MD_CTX *context;
    int failed;
};

cdigest_sha256 *cdigest_sha256_create(void) {
    cdigest_sha256 *hash = malloc(sizeof *hash);
    if (hash == NULL) {
        return NULL;
    }
    hash->context = EVP_MD_CTX_new();
    hash->failed = hash->context == NULL || !EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL);
    return hash;
}

void cdigest_sha256_append(cdigest_sha256 *hash, const void *bytes, size_t count) {
    if (!hash->failed && count > 0) {
        hash->failed = !EVP_DigestUpdate(hash->context, bytes, count);
    }
}

int cdigest_sha256_value(const cdigest_sha256 *hash, unsigned char *value) {
    if (hash->failed) {
        return 0;
    }
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    int done = copy != NULL && EVP_MD_CTX_copy_ex(copy, hash->context) &&
               EVP_DigestFinal_ex(copy, value, NULL);
    EVP_MD_CTX_free(copy);
    return done;
}

void cdigest_sha256_free(cdigest_sha256 *hash) {
    EVP_MD_CTX_free(hash->context);
    free(hash);
}

int cdigest_hmac_sha256(
    const void *key, size_t key_count, const void *bytes, size_t count, unsigned char *value) {
    return key_count <= 1 << 20
           && HMAC(EVP_sha256(), key, (int)key_count, bytes, count, value, NULL) != NULL;
}

#endif
