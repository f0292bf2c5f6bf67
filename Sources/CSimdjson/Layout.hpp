// What a parser was told to look for.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "Tokens.hpp"

namespace cdrx {

/// A key of the envelope that lies on a path to the rows or to a captured value.
struct Node {
    std::vector<std::pair<Name, uint32_t>> children;
    int32_t capture = -1;
    bool is_rows = false;
    /// The parse that last met the key: a second time in one parse is an error.
    uint64_t seen_in = 0;
};

/// The tree of envelope paths (node 0 is the body's root) and the fields of a row.
struct Layout {
    std::vector<Node> nodes = std::vector<Node>(1);
    int32_t capture_count = 0;
    std::vector<Name> fields;
    /// The field that followed each field when it was last seen, and at the end the first of a
    /// row: rows of one endpoint look alike, so the next field is mostly known.
    std::vector<uint32_t> successors = {0};
    size_t longest_name = 0;

    void add_field(Name name) {
        note(name);
        fields.push_back(std::move(name));
        successors.assign(fields.size() + 1, 0);
        for (size_t i = 0; i + 1 < fields.size(); i++) successors[i] = uint32_t(i + 1);
    }

    uint32_t child(uint32_t node, Name name, const std::vector<uint8_t> &key) {
        for (auto &[known, index] : nodes[node].children) {
            if (known.equals(key)) return index;
        }
        note(name);
        uint32_t index = uint32_t(nodes.size());
        nodes.emplace_back();
        nodes[node].children.emplace_back(std::move(name), index);
        return index;
    }

  private:
    void note(const Name &name) {
        if (name.size() > longest_name) longest_name = name.size();
    }
};

}  // namespace cdrx
