#include "CFuzz.h"

#include <simdjson.h>

extern "C" enum cdrx_json_verdict cdrx_json_judge(const uint8_t *bytes, size_t count) {
    static simdjson::dom::parser parser;
    simdjson::padded_string text(reinterpret_cast<const char *>(bytes), count);
    switch (parser.parse(text).error()) {
    case simdjson::SUCCESS: return cdrx_json_valid;
    case simdjson::UTF8_ERROR:
    case simdjson::DEPTH_ERROR:
    case simdjson::NUMBER_ERROR: return cdrx_json_unjudged;
    default: return cdrx_json_invalid;
    }
}
