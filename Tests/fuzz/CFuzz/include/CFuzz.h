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
    /// A string holds bytes that are not UTF-8; nothing is known of the rest.
    cdrx_json_not_utf8,
    /// It nests too deeply for the parser; nothing is known of the rest.
    cdrx_json_too_deep,
    cdrx_json_invalid,
};

enum cdrx_json_verdict cdrx_json_judge(const uint8_t *bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
