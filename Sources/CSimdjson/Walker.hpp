// The grammar of RFC 8259 over the structure that stage 1 found.
//
// Structural positions are brackets, colons, commas and the first byte of every scalar. What stage
// 1 has already checked: UTF-8, closed strings, no bare control characters inside them.
#pragma once

#include <cstdint>
#include <vector>

#include "CSimdjson.h"
#include "Layout.hpp"
#include "Tokens.hpp"

namespace cdrx {

/// What a walk found; kept between parses for its storage.
struct Findings {
    std::vector<cdrx_range> rows;
    std::vector<cdrx_cell> cells;
    std::vector<cdrx_unknown_field> unknown_fields;
    std::vector<cdrx_cell> captures;
    std::vector<uint8_t> scratch;
    std::vector<uint32_t> invalid_rows;
    uint8_t rows_kind = CDRX_MISSING;
    bool has_trailing_comma = false;

    /// Makes ready for a walk.
    void clear(const Layout &layout) {
        rows.clear();
        cells.clear();
        unknown_fields.clear();
        captures.assign(size_t(layout.capture_count), cdrx_cell{});
        invalid_rows.clear();
        rows_kind = CDRX_MISSING;
        has_trailing_comma = false;
    }
};

class Walker {
  public:
    int status = CDRX_OK;
    size_t error_offset = 0;

    /// `positions` ends with `count`, and `text` is padded with zeros after `count`.
    Walker(const uint8_t *text, size_t count, const uint32_t *positions, cdrx_limits limits,
           Layout &layout, Findings &found, uint64_t parse_number)
        : text(text), count(count), next(positions), limits(limits), layout(layout), found(found),
          parse_number(parse_number) {}

    /// Walks the whole text; false with `status` and `error_offset` set where it is refused.
    bool walk() {
        cdrx_cell value;
        if (!envelope(0, value)) return false;
        return *next == count || fail(*next);
    }

  private:
    const uint8_t *text;
    const size_t count;
    const uint32_t *next;
    const cdrx_limits limits;
    Layout &layout;
    Findings &found;
    const uint64_t parse_number;
    size_t depth = 0;

    bool fail(size_t at, int code = CDRX_NOT_JSON) {
        // What stops at the very end may have been the start of something valid.
        status = code == CDRX_NOT_JSON && at >= count ? CDRX_CUT_BODY : code;
        error_offset = at < count ? at : count;
        return false;
    }

    /// Refuses a scalar, telling one that the body's end cut from one that was never valid.
    bool fail_scalar(size_t start) {
        size_t end = start;
        while (end < count && !ends_scalar(text[end])) end++;
        return fail(end == count ? count : start);
    }

    static void set(cdrx_cell &cell, uint8_t kind, size_t start, size_t end) {
        cell.kind = kind;
        cell.is_escaped = false;
        cell.position = 0;
        cell.offset = uint32_t(start);
        cell.byte_count = uint32_t(end - start);
    }

    // MARK: Values

    /// The string whose opening quote is at `start`: only white space lies between its closing
    /// quote and the next structural position.
    bool string(size_t start, cdrx_cell &cell) {
        size_t end = *next;
        while (is_space(text[end - 1])) end--;
        set(cell, CDRX_STRING, start, end);
        const uint8_t *last = text + end - 1;
        const uint8_t *escape = find_backslash(text + start + 1, last);
        if (escape == last) return true;
        cell.is_escaped = true;
        const uint8_t *bad = find_bad_escape(escape, last);
        return bad == last || fail(size_t(bad - text));
    }

    bool number(size_t start, cdrx_cell &cell) {
        const uint8_t *end = end_of_number(text + start);
        if (end == nullptr) return fail_scalar(start);
        size_t after = size_t(end - text);
        if (!ends_scalar(*end) && after < count) return fail_scalar(start);
        set(cell, CDRX_NUMBER, start, after);
        return true;
    }

    bool literal(size_t start, const char *word, size_t length, uint8_t kind, cdrx_cell &cell) {
        if (std::memcmp(text + start, word, length) != 0) return fail_scalar(start);
        size_t end = start + length;
        if (!ends_scalar(text[end]) && end < count) return fail_scalar(start);
        set(cell, kind, start, end);
        return true;
    }

    /// The scalar at `start`; false for anything else.
    bool scalar(size_t start, cdrx_cell &cell) {
        switch (text[start]) {
        case '"': return string(start, cell);
        case 't': return literal(start, "true", 4, CDRX_TRUE, cell);
        case 'f': return literal(start, "false", 5, CDRX_FALSE, cell);
        case 'n': return literal(start, "null", 4, CDRX_NULL, cell);
        case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7':
        case '8': case '9':
            return number(start, cell);
        default: return fail(start);
        }
    }

    /// Any value, whose insides are checked and passed over.
    bool value(cdrx_cell &cell) {
        size_t start = *next++;
        if (text[start] == '{') {
            return members(start, cell, [this](size_t key) {
                cdrx_cell name, inner;
                return string(key, name) && colon() && value(inner);
            });
        }
        if (text[start] == '[') {
            return elements(start, cell, [this] {
                cdrx_cell inner;
                return value(inner);
            });
        }
        return scalar(start, cell);
    }

    bool colon() {
        size_t at = *next++;
        return text[at] == ':' || fail(at);
    }

    // MARK: Brackets

    /// The object opened at `start`. `member` is called after each key's opening quote with the
    /// quote's place, and takes the rest of the key, the colon and the value.
    template <class Member>
    bool members(size_t start, cdrx_cell &cell, Member member) {
        return list(start, '}', CDRX_OBJECT, cell, [&] {
            size_t key = *next++;
            return text[key] == '"' ? member(key) : fail(key);
        });
    }

    template <class Element>
    bool elements(size_t start, cdrx_cell &cell, Element element) {
        return list(start, ']', CDRX_ARRAY, cell, element);
    }

    template <class Item>
    bool list(size_t start, uint8_t closing, uint8_t kind, cdrx_cell &cell, Item item) {
        if (++depth > limits.depth) return fail(start, CDRX_TOO_DEEP);
        size_t at = *next;
        if (text[at] == closing) {
            next++;
        } else {
            do {
                if (!item()) return false;
                at = *next++;
                if (text[at] != ',') break;
                if (text[*next] == closing) {
                    found.has_trailing_comma = true;
                    at = *next++;
                    break;
                }
            } while (true);
            if (text[at] != closing) return fail(at);
        }
        depth--;
        set(cell, kind, start, at + 1);
        return true;
    }

    // MARK: Envelope

    /// The value at an envelope node.
    bool envelope(uint32_t index, cdrx_cell &cell) {
        const bool is_rows = layout.nodes[index].is_rows;
        const size_t start = *next;
        bool is_valid;
        if (is_rows && text[start] == '[') {
            next++;
            is_valid = elements(start, cell, [this] { return row(); });
        } else if (is_rows && text[start] == '{') {
            is_valid = row();
            if (is_valid) set(cell, CDRX_OBJECT, start, start);
        } else if (text[start] == '{' && !layout.nodes[index].children.empty()) {
            next++;
            is_valid = members(start, cell, [this, index](size_t key) {
                return envelope_member(index, key);
            });
        } else {
            is_valid = value(cell);
        }
        if (!is_valid) return false;
        if (is_rows) found.rows_kind = cell.kind;
        if (layout.nodes[index].capture >= 0) {
            found.captures[size_t(layout.nodes[index].capture)] = cell;
        }
        return true;
    }

    bool envelope_member(uint32_t parent, size_t key) {
        cdrx_cell name, inner;
        if (!string(key, name)) return false;
        for (const auto &[known, index] : layout.nodes[parent].children) {
            if (!is_named(name, known)) continue;
            if (layout.nodes[index].seen_in == parse_number) return fail(key, CDRX_REPEATED_KEY);
            layout.nodes[index].seen_in = parse_number;
            return colon() && envelope(index, inner);
        }
        return colon() && value(inner);
    }

    bool is_named(const cdrx_cell &name, const Name &known) {
        const uint8_t *start = text + name.offset + 1;
        if (!name.is_escaped) return known.matches_raw(start);
        return unescape(start, start + name.byte_count - 2, found.scratch)
            && known.equals(found.scratch);
    }

    // MARK: Rows

    /// An element of the rows array, or the one object in its place.
    bool row() {
        if (found.rows.size() >= limits.rows) return fail(*next, CDRX_TOO_MANY_ROWS);
        const size_t field_count = layout.fields.size();
        const size_t first_cell = found.cells.size();
        found.cells.resize(first_cell + field_count);
        size_t start = *next;
        cdrx_cell whole;
        if (text[start] == '{') {
            next++;
            size_t position = 0;
            size_t previous = field_count;
            bool is_valid = members(start, whole, [&](size_t key) {
                return row_member(key, first_cell, position++, previous);
            });
            if (!is_valid) return false;
        } else if (!value(whole)) {
            return false;
        }
        found.rows.push_back({whole.offset, whole.byte_count});
        return true;
    }

    bool row_member(size_t key, size_t first_cell, size_t position, size_t &previous) {
        if (position > UINT16_MAX) return fail(key, CDRX_TOO_MANY_FIELDS);
        const size_t field_count = layout.fields.size();
        size_t field = layout.successors[previous];
        cdrx_cell name;
        if (field >= field_count || !layout.fields[field].matches_raw(text + key + 1)) {
            if (!string(key, name)) return false;
            field = 0;
            while (field < field_count && !is_named(name, layout.fields[field])) field++;
        }
        cdrx_cell cell;
        if (!colon() || !value(cell)) return false;
        cell.position = uint16_t(position);
        if (field == field_count) {
            uint32_t row = uint32_t(found.rows.size());
            found.unknown_fields.push_back({row, {name.offset, name.byte_count}, cell});
            return true;
        }
        layout.successors[previous] = uint32_t(field);
        previous = field;
        cdrx_cell &known = found.cells[first_cell + field];
        if (known.kind == CDRX_MISSING) {
            known = cell;
        } else {
            known.kind = CDRX_REPEATED;
        }
        return true;
    }
};

}  // namespace cdrx
