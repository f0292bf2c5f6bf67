#include "CFuzz.h"

#include <simdjson.h>

extern "C" enum cdrx_json_verdict cdrx_json_judge(const uint8_t *bytes, size_t count) {
    // What it reports of such bytes depends on where they stand.
    const char *text_bytes = reinterpret_cast<const char *>(bytes);
    if (!simdjson::validate_utf8(text_bytes, count)) return cdrx_json_unjudged;
    static simdjson::dom::parser parser;
    simdjson::padded_string text(text_bytes, count);
    switch (parser.parse(text).error()) {
    case simdjson::SUCCESS: return cdrx_json_valid;
    case simdjson::DEPTH_ERROR:
    case simdjson::NUMBER_ERROR: return cdrx_json_unjudged;
    default: return cdrx_json_invalid;
    }
}
