/// Cuts one JSON response body into rows, known fields, unknown fields and envelope values.
///
/// simdjson's stage 1 checks UTF-8 (bytes that are not UTF-8 are passed over inside strings, and
/// their rows are marked) and finds the structure; the grammar (RFC 8259) is checked by
/// our own walk over it, so that raw slices stay exact and a comma before a closing bracket can be
/// accepted. No C++ exception crosses this border.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The version of simdjson that this was compiled with, as in `3.0.1`.
const char *cdrx_simdjson_version(void);

/// What kind of value a cell holds; the numbers are those of `RawCell.Kind`.
enum {
    CDRX_MISSING = 0,
    CDRX_NULL = 1,
    CDRX_STRING = 2,
    CDRX_NUMBER = 3,
    CDRX_TRUE = 4,
    CDRX_FALSE = 5,
    CDRX_ARRAY = 6,
    CDRX_OBJECT = 7,
    CDRX_REPEATED = 8,
};

/// How a parse ended.
enum {
    CDRX_OK = 0,
    CDRX_NOT_JSON = 1,
    CDRX_CUT_BODY = 2,
    CDRX_TOO_LARGE = 3,
    CDRX_TOO_DEEP = 4,
    CDRX_TOO_MANY_ROWS = 5,
    CDRX_TOO_MANY_FIELDS = 6,
    CDRX_REPEATED_KEY = 7,
    CDRX_OUT_OF_MEMORY = 8,
};

/// A value's kind and its raw text in the body, quotes included.
typedef struct {
    uint8_t kind;
    bool is_escaped;
    /// Place among the fields of its row, from 0.
    uint16_t position;
    uint32_t offset;
    uint32_t byte_count;
} cdrx_cell;

/// A stretch of the body.
typedef struct {
    uint32_t offset;
    uint32_t byte_count;
} cdrx_range;

/// A member of a row that fills no cell, or of which only parts do.
typedef struct {
    uint32_t row;
    /// The raw name, quotes included.
    cdrx_range name;
    cdrx_cell value;
} cdrx_unknown_field;

/// Zeros after a body that let it be parsed where it lies: enough for simdjson, and for field
/// names of usual length.
enum { CDRX_PADDING = 128 };

/// What a parse found. The pointers belong to the parser and live until its next call.
typedef struct {
    int status;
    /// Where in the body a failed parse stopped.
    size_t error_offset;
    /// Kind of the value at the rows path; CDRX_MISSING where the body has none.
    uint8_t rows_kind;
    bool has_trailing_comma;
    size_t row_count;
    const cdrx_range *rows;
    /// Row-major, `row_count` × declared cells.
    const cdrx_cell *cells;
    size_t unknown_field_count;
    const cdrx_unknown_field *unknown_fields;
    /// One for each capture, in the order they were declared.
    const cdrx_cell *captures;
    /// Places of the rows that hold bytes which are not UTF-8, in order.
    size_t invalid_row_count;
    const uint32_t *invalid_rows;
} cdrx_page;

/// Sizes above which a body is refused.
typedef struct {
    size_t body_bytes;
    size_t rows;
    /// Brackets open at the same time.
    size_t depth;
} cdrx_limits;

typedef struct cdrx_page_parser cdrx_page_parser;

/// NULL where memory is short.
cdrx_page_parser *cdrx_page_parser_create(cdrx_limits limits);
void cdrx_page_parser_destroy(cdrx_page_parser *parser);

/// The node of each row.
enum { CDRX_ROW = 1 };

/// The node for `key` inside the objects at `node` (0 is the body's root), made if need be; 0 where
/// memory is short.
uint32_t cdrx_page_parser_child(
    cdrx_page_parser *parser, uint32_t node, const uint8_t *key, size_t count);

/// The node for the element at `place` of the lists at `node`, made if need be; 0 where memory is
/// short.
uint32_t cdrx_page_parser_item(cdrx_page_parser *parser, uint32_t node, size_t place);

/// Declares the next cell of a row, and returns its place.
uint32_t cdrx_page_parser_add_cell(cdrx_page_parser *parser);

/// Declares that the value at `node`, below CDRX_ROW, fills a cell. False where memory is short.
bool cdrx_page_parser_fill_cell(cdrx_page_parser *parser, uint32_t cell, uint32_t node);

/// Declares that another cell's value counts where `cell` is missing or null. The alternatives of a
/// cell count in the order they are declared. False where memory is short.
bool cdrx_page_parser_add_alternative(cdrx_page_parser *parser, uint32_t cell, uint32_t other);

/// Ends the declarations: to be called once, before the first parse.
///
/// - Parameter is_lines: whether bodies are rows, one a line, without anything around them.
void cdrx_page_parser_settle(cdrx_page_parser *parser, bool is_lines);

/// Declares that the rows lie at `node`.
void cdrx_page_parser_set_rows(cdrx_page_parser *parser, uint32_t node);

/// Declares that the value at `node` is captured, and returns its index among the captures: the
/// same again for the same node.
int32_t cdrx_page_parser_add_capture(cdrx_page_parser *parser, uint32_t node);

/// Parses one body, and alters nothing in it. It is copied unless CDRX_PADDING zeros follow it.
///
/// - Parameter room: bytes that may be read from `body` on; `count` or more.
cdrx_page cdrx_page_parser_parse(
    cdrx_page_parser *parser, const uint8_t *body, size_t count, size_t room);

#ifdef __cplusplus
}
#endif

#endif
