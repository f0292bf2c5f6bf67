#ifndef CDRX_FUZZ_H
#define CDRX_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What simdjson's DOM parser, which reads every token, says of a body.
enum cdrx_json_verdict {
    cdrx_json_valid,
    cdrx_json_invalid,
    /// It reads no further at bytes that are not UTF-8, deep nesting, and numbers beyond 64 bits.
    cdrx_json_unjudged,
};

enum cdrx_json_verdict cdrx_json_judge(const uint8_t *bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
