// Bytes that are not UTF-8 (RFC 3629), in the working copy of a body: each becomes a question mark,
// so that the grammar can be walked around them and every offset stays.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cdrx {

inline bool is_continuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

/// The bytes that the character at `at` takes; 0 where there is no valid one. `text` is padded with
/// zeros.
inline size_t utf8_length(const uint8_t *at) {
    uint8_t first = at[0];
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4 || !is_continuation(at[1])) return 0;
    if (first < 0xE0) return 2;
    if (!is_continuation(at[2])) return 0;
    if (first < 0xF0) {
        // Overlong forms, and surrogates, which are no characters.
        if (first == 0xE0 && at[1] < 0xA0) return 0;
        return first == 0xED && at[1] > 0x9F ? 0 : 3;
    }
    if (!is_continuation(at[3])) return 0;
    if (first == 0xF0 && at[1] < 0x90) return 0;
    return first == 0xF4 && at[1] > 0x8F ? 0 : 4;
}

/// Blanks every byte that belongs to no character; false where there are none.
inline bool blank_invalid_utf8(uint8_t *text, size_t count) {
    bool has_any = false;
    for (size_t at = 0; at < count;) {
        size_t length = utf8_length(text + at);
        if (length == 0) {
            text[at] = '?';
            has_any = true;
        }
        at += length == 0 ? 1 : length;
    }
    return has_any;
}

/// In GBK, Big5 and Shift JIS a character's second byte may be a backslash, which escapes nothing.
/// Blanks those after a byte that was blanked; false where there are none.
inline bool blank_second_bytes(uint8_t *text, const uint8_t *body, size_t count) {
    bool has_any = false;
    for (size_t at = 1; at < count; at++) {
        if (text[at] != '\\' || text[at - 1] != '?' || body[at - 1] == '?') continue;
        text[at] = '?';
        has_any = true;
    }
    return has_any;
}

}  // namespace cdrx
