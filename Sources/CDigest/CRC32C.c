#include "CDigest.h"

#include <string.h>

// By four bits: what each value of a half byte contributes. Polynomial 0x1EDC6F41, reflected.
static const uint32_t half_bytes[16] = {
    0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3,
    0x61C69362, 0x7198540D, 0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9,
    0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
};

uint32_t cdigest_crc32c_portable(uint32_t checksum, const void *bytes, size_t count) {
    const unsigned char *byte = bytes;
    uint32_t state = ~checksum;
    for (size_t index = 0; index < count; index++) {
        state ^= byte[index];
        state = state >> 4 ^ half_bytes[state & 15];
        state = state >> 4 ^ half_bytes[state & 15];
    }
    return ~state;
}

#if defined(__x86_64__)

#include <nmmintrin.h>

__attribute__((target("sse4.2")))
static uint32_t by_instruction(uint32_t checksum, const void *bytes, size_t count) {
    const unsigned char *byte = bytes;
    uint64_t state = ~checksum;
    for (; count >= 8; count -= 8, byte += 8) {
        uint64_t word;
        memcpy(&word, byte, 8);
        state = _mm_crc32_u64(state, word);
    }
    uint32_t last = (uint32_t)state;
    for (; count > 0; count--, byte++) {
        last = _mm_crc32_u8(last, *byte);
    }
    return ~last;
}

uint32_t cdigest_crc32c(uint32_t checksum, const void *bytes, size_t count) {
    return __builtin_cpu_supports("sse4.2") ? by_instruction(checksum, bytes, count)
                                            : cdigest_crc32c_portable(checksum, bytes, count);
}

#elif defined(__ARM_FEATURE_CRC32)

#include <arm_acle.h>

uint32_t cdigest_crc32c(uint32_t checksum, const void *bytes, size_t count) {
    const unsigned char *byte = bytes;
    uint32_t state = ~checksum;
    for (; count >= 8; count -= 8, byte += 8) {
        uint64_t word;
        memcpy(&word, byte, 8);
        state = __crc32cd(state, word);
    }
    for (; count > 0; count--, byte++) {
        state = __crc32cb(state, *byte);
    }
    return ~state;
}

#else

uint32_t cdigest_crc32c(uint32_t checksum, const void *bytes, size_t count) {
    return cdigest_crc32c_portable(checksum, bytes, count);
}

#endif
