// Scalars of RFC 8259, checked byte by byte. All readers may look up to 8 bytes after the text's
// end, where zeros lie.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

namespace cdrx {

inline bool is_space(uint8_t byte) {
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

inline bool is_digit(uint8_t byte) { return uint8_t(byte - '0') < 10; }

inline bool is_hexadecimal(uint8_t byte) {
    return is_digit(byte) || uint8_t((byte | 0x20) - 'a') < 6;
}

/// Whether a number or literal may end before `byte`. The text's end is the caller's to check.
inline bool ends_scalar(uint8_t byte) {
    return byte == ',' || byte == '}' || byte == ']' || is_space(byte);
}

inline uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

/// The first backslash in [from, to), or `to`. Looks at eight bytes at a time.
inline const uint8_t *find_backslash(const uint8_t *from, const uint8_t *to) {
    constexpr uint64_t ones = 0x0101010101010101u;
    for (; from < to; from += 8) {
        uint64_t difference = load64(from) ^ (ones * '\\');
        if (((difference - ones) & ~difference & (ones * 0x80)) == 0) continue;
        for (int i = 0; i < 8 && from + i < to; i++) {
            if (from[i] == '\\') return from + i;
        }
    }
    return to;
}

/// The first byte in [from, to) that starts a malformed escape, or `to`. `from` is at a backslash.
inline const uint8_t *find_bad_escape(const uint8_t *from, const uint8_t *to) {
    while (from < to) {
        if (to - from < 2) return from;
        switch (from[1]) {
        case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
            from = find_backslash(from + 2, to);
            continue;
        case 'u':
            if (to - from < 6) return from;
            for (int i = 2; i < 6; i++) {
                if (!is_hexadecimal(from[i])) return from;
            }
            from = find_backslash(from + 6, to);
            continue;
        default:
            return from;
        }
    }
    return to;
}

/// After the number that starts at `at`, or null where there is none (section 6).
inline const uint8_t *end_of_number(const uint8_t *at) {
    if (*at == '-') at++;
    if (*at == '0') {
        at++;
    } else {
        if (!is_digit(*at)) return nullptr;
        while (is_digit(*at)) at++;
    }
    if (*at == '.') {
        at++;
        if (!is_digit(*at)) return nullptr;
        while (is_digit(*at)) at++;
    }
    if ((*at | 0x20) == 'e') {
        at++;
        if (*at == '+' || *at == '-') at++;
        if (!is_digit(*at)) return nullptr;
        while (is_digit(*at)) at++;
    }
    return at;
}

inline uint32_t hexadecimal(const uint8_t *at) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        value = value << 4 | uint32_t(is_digit(at[i]) ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
    }
    return value;
}

inline void append_utf8(uint32_t scalar, std::vector<uint8_t> &output) {
    if (scalar < 0x80) {
        output.push_back(uint8_t(scalar));
        return;
    }
    int trailing = scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
    static const uint8_t heads[] = {0x00, 0xC0, 0xE0, 0xF0};
    output.push_back(uint8_t(heads[trailing] | scalar >> (6 * trailing)));
    for (int i = trailing - 1; i >= 0; i--) {
        output.push_back(uint8_t(0x80 | (scalar >> (6 * i) & 0x3F)));
    }
}

/// The text that [from, to) stands for, whose escapes are well-formed; false where one names half
/// of a surrogate pair, which is no text.
inline bool unescape(const uint8_t *from, const uint8_t *to, std::vector<uint8_t> &output) {
    output.clear();
    while (from < to) {
        if (*from != '\\') {
            output.push_back(*from++);
            continue;
        }
        uint8_t letter = from[1];
        from += 2;
        if (letter != 'u') {
            static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
            const char *found = std::strchr(letters, letter);
            output.push_back(found == nullptr ? letter : uint8_t(meanings[found - letters]));
            continue;
        }
        uint32_t scalar = hexadecimal(from);
        from += 4;
        if (scalar >= 0xD800 && scalar < 0xE000) {
            if (scalar >= 0xDC00 || to - from < 6) return false;
            if (from[0] != '\\' || from[1] != 'u') return false;
            uint32_t low = hexadecimal(from + 2);
            if (low < 0xDC00 || low >= 0xE000) return false;
            scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00);
            from += 6;
        }
        append_utf8(scalar, output);
    }
    return true;
}

/// A name as it stands in a body that does not escape it, closing quote included.
class Name {
  public:
    Name(const uint8_t *bytes, size_t count) : plain(bytes, bytes + count), quoted(plain) {
        quoted.push_back('"');
        for (uint8_t byte : plain) {
            if (byte == '"' || byte == '\\' || byte < 0x20) is_escaped_in_json = true;
        }
        uint8_t head[8] = {}, bits[8] = {};
        for (size_t i = 0; i < 8 && i < quoted.size(); i++) {
            head[i] = quoted[i];
            bits[i] = 0xFF;
        }
        prefix = load64(head);
        mask = load64(bits);
    }

    /// Whether the raw key after the opening quote at `text - 1` is this name, without escapes.
    bool matches_raw(const uint8_t *text) const {
        if (((load64(text) ^ prefix) & mask) != 0 || is_escaped_in_json) return false;
        return quoted.size() <= 8
            || std::memcmp(text + 8, quoted.data() + 8, quoted.size() - 8) == 0;
    }

    bool equals(const std::vector<uint8_t> &text) const { return plain == text; }

    size_t size() const { return plain.size(); }

  private:
    std::vector<uint8_t> plain;
    std::vector<uint8_t> quoted;
    uint64_t prefix = 0;
    uint64_t mask = 0;
    bool is_escaped_in_json = false;
};

}  // namespace cdrx
