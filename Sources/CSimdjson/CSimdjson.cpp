#include "CSimdjson.h"

#include <memory>
#include <mutex>
#include <new>

#include <simdjson.h>

#include "InvalidText.hpp"
#include "Layout.hpp"
#include "Walker.hpp"

namespace {

/// Bodies above this size give their memory back after the parse.
constexpr size_t kept_capacity = size_t(8) << 20;

using Stages = std::unique_ptr<simdjson::internal::dom_parser_implementation>;

/// The memory of stage 1, about five bytes for each of a body: only a parse that runs has some, so
/// that it does not grow with the lanes that wait for their provider.
class StagePool {
  public:
    /// Empty where all are in use.
    Stages take() {
        std::lock_guard<std::mutex> guard(lock);
        if (idle.empty()) return nullptr;
        Stages stages = std::move(idle.back());
        idle.pop_back();
        return stages;
    }

    /// Never fails: without memory for one more the pool frees it.
    void give(Stages stages) noexcept {
        if (stages == nullptr || stages->capacity() > kept_capacity) return;
        std::lock_guard<std::mutex> guard(lock);
        try {
            idle.push_back(std::move(stages));
        } catch (const std::bad_alloc &) {
        }
    }

    /// Never destroyed: lanes may run when the process ends.
    static StagePool &shared() {
        static StagePool *pool = new StagePool;
        return *pool;
    }

  private:
    std::mutex lock;
    std::vector<Stages> idle;
};

/// The first control character inside a string; `count` if there is none.
size_t find_control_character(const uint8_t *text, size_t count) {
    bool in_string = false;
    for (size_t at = 0; at < count; at++) {
        if (text[at] == '"') in_string = !in_string;
        if (in_string && text[at] < 0x20) return at;
        if (in_string && text[at] == '\\') at++;
    }
    return count;
}

bool may_start_value(uint8_t byte) {
    return cdrx::is_digit(byte)
        || (byte != 0 && std::strchr("{[\"-tfn", byte) != nullptr);
}

}  // namespace

struct cdrx_page_parser {
    explicit cdrx_page_parser(cdrx_limits limits) : limits(limits) {}

    cdrx_limits limits;
    cdrx::Layout layout;
    cdrx::Findings found;
    uint64_t parse_number = 0;
    /// What is parsed: the body where it lies, or its copy.
    const uint8_t *text = nullptr;
    std::vector<uint8_t> padded;
    /// Of the parse that runs.
    Stages stages;

    cdrx_page parse(const uint8_t *body, size_t count, size_t room) {
        if (count > limits.body_bytes || count >= simdjson::SIMDJSON_MAXSIZE_BYTES / 2) {
            return failure(CDRX_TOO_LARGE, limits.body_bytes);
        }
        release_large_findings();
        text = body;
        if (has_byte_order_mark(body, count) || !is_padded(body, count, room)) copy(body, count);
        size_t start = 0;
        while (start < count && cdrx::is_space(text[start])) start++;
        if (start == count && layout.is_lines) {
            found.clear(layout);
            found.rows_kind = CDRX_ARRAY;
            return success();
        }
        if (start == count || !may_start_value(text[start])) {
            return failure(CDRX_NOT_JSON, start);
        }
        if (!reserve(count)) return failure(CDRX_OUT_OF_MEMORY, 0);
        cdrx_page page = walk(count);
        // Stage 1 refuses a body for one byte that is not UTF-8: the other rows shall not suffer.
        if (page.status == CDRX_OK) return page;
        if (text == body) copy(body, count);
        if (!cdrx::blank_invalid_utf8(padded.data(), count)) return page;
        page = walk(count);
        if (page.status != CDRX_OK && cdrx::blank_second_bytes(padded.data(), body, count)) {
            page = walk(count);
        }
        if (page.status == CDRX_OK) mark_invalid_rows(page, body);
        return page;
    }

    /// Gives back what only a parse needs.
    void release_buffers() {
        StagePool::shared().give(std::move(stages));
        if (padded.capacity() > kept_capacity) std::vector<uint8_t>().swap(padded);
    }

    /// What was found in a large body is still needed after its parse, so it goes with the next.
    void release_large_findings() {
        if (found.unknown_fields.capacity() * sizeof(cdrx_unknown_field) > kept_capacity
            || found.cells.capacity() * sizeof(cdrx_cell) > kept_capacity) {
            found = cdrx::Findings();
        }
    }

  private:
    /// Walks the text.
    cdrx_page walk(size_t count) {
        found.clear(layout);
        simdjson::error_code error =
            stages->stage1(text, count, simdjson::stage1_mode::regular);
        if (error != simdjson::SUCCESS) return failure(error, count);
        cdrx::Walker walker(text, count, stages->structural_indexes.get(), limits, layout,
                            found, ++parse_number);
        if (!walker.walk()) return failure(walker.status, walker.error_offset);
        return success();
    }

    /// Rows that were blanked in part differ from the body.
    void mark_invalid_rows(cdrx_page &page, const uint8_t *body) {
        for (size_t row = 0; row < found.rows.size(); row++) {
            const cdrx_range &range = found.rows[row];
            if (std::memcmp(padded.data() + range.offset, body + range.offset, range.byte_count)) {
                found.invalid_rows.push_back(uint32_t(row));
            }
        }
        page.invalid_row_count = found.invalid_rows.size();
        page.invalid_rows = found.invalid_rows.data();
    }

    static bool has_byte_order_mark(const uint8_t *body, size_t count) {
        return count >= 3 && std::memcmp(body, "\xEF\xBB\xBF", 3) == 0;
    }

    /// Bytes after the body that readers may look at.
    size_t padding() const { return simdjson::SIMDJSON_PADDING + layout.longest_name; }

    /// Whether zeros follow the body, as many as readers look at.
    bool is_padded(const uint8_t *body, size_t count, size_t room) const {
        if (room - count < padding()) return false;
        for (size_t at = count; at < count + padding(); at++) {
            if (body[at] != 0) return false;
        }
        return true;
    }

    /// Copies the body and pads it; a byte order mark becomes white space, which keeps every
    /// offset.
    void copy(const uint8_t *body, size_t count) {
        padded.clear();
        padded.reserve(count + padding());
        padded.insert(padded.end(), body, body + count);
        padded.resize(count + padding(), 0);
        if (has_byte_order_mark(body, count)) std::memset(padded.data(), ' ', 3);
        text = padded.data();
    }

    bool reserve(size_t count) {
        size_t wanted = count + 1;
        stages = StagePool::shared().take();
        if (stages != nullptr && stages->capacity() >= wanted) return true;
        size_t capacity = 64 * 1024;
        while (capacity < wanted) capacity *= 2;
        if (stages != nullptr) return stages->set_capacity(capacity) == simdjson::SUCCESS;
        // Stage 2, which would use a depth, never runs.
        return simdjson::get_active_implementation()->create_dom_parser_implementation(
                   capacity, 1, stages) == simdjson::SUCCESS;
    }

    cdrx_page failure(simdjson::error_code error, size_t count) {
        switch (error) {
        case simdjson::UNESCAPED_CHARS:
            return failure(CDRX_NOT_JSON, find_control_character(text, count));
        case simdjson::UNCLOSED_STRING:
            return failure(CDRX_CUT_BODY, count);
        case simdjson::MEMALLOC:
        case simdjson::CAPACITY:
            return failure(CDRX_OUT_OF_MEMORY, 0);
        default:
            return failure(CDRX_NOT_JSON, 0);
        }
    }

    cdrx_page failure(int status, size_t offset) {
        cdrx_page page = {};
        page.status = status;
        page.error_offset = offset;
        return page;
    }

    cdrx_page success() {
        cdrx_page page = {};
        page.rows_kind = found.rows_kind;
        page.has_trailing_comma = found.has_trailing_comma;
        page.row_count = found.rows.size();
        page.rows = found.rows.data();
        page.cells = found.cells.data();
        page.unknown_field_count = found.unknown_fields.size();
        page.unknown_fields = found.unknown_fields.data();
        page.captures = found.captures.data();
        return page;
    }
};

cdrx_page_parser *cdrx_page_parser_create(cdrx_limits limits) {
    try {
        return new cdrx_page_parser(limits);
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

void cdrx_page_parser_destroy(cdrx_page_parser *parser) { delete parser; }

uint32_t cdrx_page_parser_child(
    cdrx_page_parser *parser, uint32_t node, const uint8_t *key, size_t count) {
    try {
        return parser->layout.child(
            node, cdrx::Name(key, count), std::vector<uint8_t>(key, key + count));
    } catch (const std::bad_alloc &) {
        return 0;
    }
}

uint32_t cdrx_page_parser_item(cdrx_page_parser *parser, uint32_t node, size_t place) {
    try {
        return parser->layout.item(node, place);
    } catch (const std::bad_alloc &) {
        return 0;
    }
}

uint32_t cdrx_page_parser_add_cell(cdrx_page_parser *parser) {
    return parser->layout.slot_count++;
}

bool cdrx_page_parser_fill_cell(cdrx_page_parser *parser, uint32_t cell, uint32_t node) {
    try {
        parser->layout.fill(cell, node);
        return true;
    } catch (const std::bad_alloc &) {
        return false;
    }
}

bool cdrx_page_parser_add_alternative(cdrx_page_parser *parser, uint32_t cell, uint32_t other) {
    try {
        parser->layout.alternatives.push_back({cell, other});
        return true;
    } catch (const std::bad_alloc &) {
        return false;
    }
}

void cdrx_page_parser_settle(cdrx_page_parser *parser, bool is_lines) {
    parser->layout.settle();
    parser->layout.is_lines = is_lines;
}

void cdrx_page_parser_set_rows(cdrx_page_parser *parser, uint32_t node) {
    parser->layout.nodes[node].is_rows = true;
}

int32_t cdrx_page_parser_add_capture(cdrx_page_parser *parser, uint32_t node) {
    int32_t &capture = parser->layout.nodes[node].capture;
    if (capture < 0) capture = parser->layout.capture_count++;
    return capture;
}

cdrx_page cdrx_page_parser_parse(
    cdrx_page_parser *parser, const uint8_t *body, size_t count, size_t room) {
    cdrx_page page = {};
    try {
        page = parser->parse(body, count, room);
    } catch (const std::bad_alloc &) {
        page = {};
        page.status = CDRX_OUT_OF_MEMORY;
    }
    parser->release_buffers();
    return page;
}

#define CDRX_TEXT_OF(version) #version
#define CDRX_TEXT(version) CDRX_TEXT_OF(version)

const char *cdrx_simdjson_version(void) { return CDRX_TEXT(SIMDJSON_VERSION); }
