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

/// Kept out of the code that most rows run through, which is faster without it.
#define CDRX_APART __attribute__((noinline))

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
        if (layout.is_lines) return lines();
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
    /// Where the row that was walked last begins.
    const uint32_t *start_of_row = nullptr;

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
            is_valid = row() && captures_of_row(index, start, cell);
        } else if (text[start] == '{' && !layout.nodes[index].children.empty()) {
            next++;
            is_valid = members(start, cell, [this, index](size_t key) {
                return envelope_member(index, key);
            });
        } else if (text[start] == '[' && !layout.nodes[index].items.empty()) {
            next++;
            size_t place = 0;
            is_valid = elements(start, cell, [this, index, &place] {
                return envelope_item(index, place++);
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

    /// Captures what lies inside the one object that is a row.
    CDRX_APART bool captures_of_row(uint32_t index, size_t start, cdrx_cell &cell) {
        if (!layout.nodes[index].children.empty()) {
            next = start_of_row + 1;
            if (!members(start, cell, [this, index](size_t key) {
                    return envelope_member(index, key);
                })) {
                return false;
            }
        }
        set(cell, CDRX_OBJECT, start, start);
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

    CDRX_APART bool envelope_item(uint32_t parent, size_t place) {
        cdrx_cell inner;
        for (const auto &[known, index] : layout.nodes[parent].items) {
            if (known == place) return envelope(index, inner);
        }
        return value(inner);
    }

    bool is_named(const cdrx_cell &name, const Name &known) {
        const uint8_t *start = text + name.offset + 1;
        if (!name.is_escaped) return known.matches_raw(start);
        return unescape(start, start + name.byte_count - 2, found.scratch)
            && known.equals(found.scratch);
    }

    // MARK: Rows

    /// The row that is walked.
    struct Row {
        size_t first_cell;
        uint16_t position = 0;
        /// Whether all of the member at hand fills cells.
        bool is_mapped = true;
    };

    /// A body of rows, each in a line of its own.
    CDRX_APART bool lines() {
        found.rows_kind = CDRX_ARRAY;
        size_t end = 0;
        while (*next != count) {
            if (end > 0 && std::memchr(text + end, '\n', *next - end) == nullptr) return fail(*next);
            if (!row()) return false;
            end = found.rows.back().offset + found.rows.back().byte_count;
        }
        return true;
    }

    /// An element of the rows array, or the one object in its place.
    bool row() {
        if (found.rows.size() >= limits.rows) return fail(*next, CDRX_TOO_MANY_ROWS);
        Row row{found.cells.size()};
        found.cells.resize(row.first_cell + layout.slot_count);
        layout.row_number++;
        start_of_row = next;
        size_t start = *next;
        cdrx_cell whole;
        if (text[start] == '{') {
            next++;
            size_t position = 0;
            size_t previous = layout.members.size();
            bool is_valid = members(start, whole, [&](size_t key) {
                return row_member(key, row, position++, previous);
            });
            if (!is_valid) return false;
            for (const Alternative &alternative : layout.alternatives) {
                choose(found.cells[row.first_cell + alternative.slot],
                       found.cells[row.first_cell + alternative.other]);
            }
        } else if (!value(whole)) {
            return false;
        }
        found.rows.push_back({whole.offset, whole.byte_count});
        return true;
    }

    bool row_member(size_t key, Row &row, size_t position, size_t &previous) {
        if (position > UINT16_MAX) return fail(key, CDRX_TOO_MANY_FIELDS);
        const size_t member_count = layout.members.size();
        size_t place = layout.successors[previous];
        cdrx_cell name, cell;
        const bool is_expected =
            place < member_count && layout.members[place].matches_raw(text + key + 1);
        if (!is_expected) {
            if (!string(key, name)) return false;
            place = 0;
            while (place < member_count && !is_named(name, layout.members[place])) place++;
        }
        if (!colon()) return false;
        if (place == member_count) {
            row.position = uint16_t(position);
            return value(cell) && unknown(name, cell, row);
        }
        layout.successors[previous] = uint32_t(place);
        previous = place;
        const int32_t slot = layout.member_slots[place];
        if (slot >= 0) {
            if (!value(cell)) return false;
            cell.position = uint16_t(position);
            put(cell, found.cells[row.first_cell + size_t(slot)]);
            return true;
        }
        row.position = uint16_t(position);
        if (is_expected) set(name, CDRX_STRING, key, key + layout.members[place].size() + 2);
        return deep_member(name, layout.member_nodes[place], row);
    }

    /// A member whose insides fill cells.
    CDRX_APART bool deep_member(const cdrx_cell &name, uint32_t node, Row &row) {
        cdrx_cell cell;
        row.is_mapped = true;
        if (!nested(node, cell, row)) return false;
        return row.is_mapped || unknown(name, cell, row);
    }

    /// Notes a member of which not all fills cells.
    bool unknown(const cdrx_cell &name, cdrx_cell cell, const Row &row) {
        cell.position = row.position;
        uint32_t index = uint32_t(found.rows.size());
        found.unknown_fields.push_back({index, {name.offset, name.byte_count}, cell});
        return true;
    }

    static void put(const cdrx_cell &cell, cdrx_cell &known) {
        if (known.kind == CDRX_MISSING) {
            known = cell;
        } else {
            known.kind = CDRX_REPEATED;
        }
    }

    /// Takes the other value where the first is nothing; a null is better than none.
    static void choose(cdrx_cell &cell, const cdrx_cell &other) {
        bool is_nothing = cell.kind == CDRX_MISSING || cell.kind == CDRX_NULL;
        if (is_nothing && other.kind != CDRX_MISSING && other.kind != CDRX_NULL) cell = other;
        if (cell.kind == CDRX_MISSING) cell = other;
    }

    /// The value at a node inside a row.
    bool nested(uint32_t index, cdrx_cell &cell, Row &row) {
        Node &node = layout.nodes[index];
        const bool is_repeated = node.seen_in == layout.row_number;
        const bool was_mapped = row.is_mapped;
        node.seen_in = layout.row_number;
        const size_t start = *next;
        if (text[start] == '{' && !node.children.empty()) {
            next++;
            bool is_valid = members(start, cell, [&](size_t key) {
                return nested_member(node, key, row);
            });
            if (!is_valid) return false;
        } else if (text[start] == '[' && !node.items.empty()) {
            next++;
            size_t place = 0;
            if (!elements(start, cell, [&] { return nested_item(node, place++, row); })) {
                return false;
            }
        } else {
            if (!value(cell)) return false;
            if (!is_nothing(cell)) row.is_mapped = false;
        }
        // A value that fills a cell is mapped with all that is inside.
        if (!node.slots.empty()) row.is_mapped = was_mapped;
        cell.position = row.position;
        for (uint32_t slot : node.slots) put(cell, found.cells[row.first_cell + slot]);
        if (is_repeated) repeat(node, row);
        return true;
    }

    bool nested_member(const Node &node, size_t key, Row &row) {
        cdrx_cell name, inner;
        if (!string(key, name)) return false;
        for (const auto &[known, index] : node.children) {
            if (is_named(name, known)) return colon() && nested(index, inner, row);
        }
        row.is_mapped = false;
        return colon() && value(inner);
    }

    bool nested_item(const Node &node, size_t place, Row &row) {
        cdrx_cell inner;
        for (const auto &[known, index] : node.items) {
            if (known == place) return nested(index, inner, row);
        }
        row.is_mapped = false;
        return value(inner);
    }

    /// Whether a value on the way to others is null or an empty list or object: then it holds none.
    bool is_nothing(const cdrx_cell &cell) const {
        if (cell.kind != CDRX_ARRAY && cell.kind != CDRX_OBJECT) return cell.kind == CDRX_NULL;
        size_t at = cell.offset + 1;
        while (is_space(text[at])) at++;
        return at + 1 == size_t(cell.offset) + cell.byte_count;
    }

    /// Marks all cells that a node and its children fill: which of its values counts is not known.
    void repeat(const Node &node, const Row &row) {
        for (uint32_t slot : node.slots) {
            found.cells[row.first_cell + slot].kind = CDRX_REPEATED;
        }
        for (const auto &child : node.children) repeat(layout.nodes[child.second], row);
        for (const auto &item : node.items) repeat(layout.nodes[item.second], row);
    }
};

}  // namespace cdrx
