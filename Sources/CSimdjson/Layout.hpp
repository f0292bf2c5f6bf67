// What a parser was told to look for.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "Tokens.hpp"

namespace cdrx {

/// A value on a path to the rows, to a captured value, or to a field inside a row.
struct Node {
    std::vector<std::pair<Name, uint32_t>> children;
    /// Elements of a list, by their place.
    std::vector<std::pair<size_t, uint32_t>> items;
    int32_t capture = -1;
    bool is_rows = false;
    /// Cells of a row that the value fills.
    std::vector<uint32_t> slots;
    /// The parse, or the row, that last met the key: a second time is an error.
    uint64_t seen_in = 0;
};

/// Stands for a field without a value.
struct Alternative {
    uint32_t slot;
    uint32_t other;
};

/// The tree of paths: node 0 is the body's root, node 1 the root of each row.
struct Layout {
    static constexpr uint32_t row_root = 1;

    std::vector<Node> nodes = std::vector<Node>(2);
    int32_t capture_count = 0;
    uint32_t slot_count = 0;
    std::vector<Alternative> alternatives;
    /// The keys of row objects, in the order they were declared.
    std::vector<Name> members;
    std::vector<uint32_t> member_nodes;
    /// The only cell that a member fills, where nothing inside it is looked for; else -1.
    std::vector<int32_t> member_slots;
    /// The member that followed each member when it was last seen, and at the end the first of a
    /// row: rows of one endpoint look alike, so the next member is mostly known.
    std::vector<uint32_t> successors = {0};
    size_t longest_name = 0;
    bool is_lines = false;
    /// Rows of all parses so far.
    uint64_t row_number = 0;

    uint32_t child(uint32_t node, Name name, const std::vector<uint8_t> &key) {
        for (auto &[known, index] : nodes[node].children) {
            if (known.equals(key)) return index;
        }
        if (name.size() > longest_name) longest_name = name.size();
        uint32_t index = uint32_t(nodes.size());
        nodes.emplace_back();
        if (node == row_root) {
            members.push_back(name);
            member_nodes.push_back(index);
            successors.assign(members.size() + 1, 0);
            for (size_t i = 0; i + 1 < members.size(); i++) successors[i] = uint32_t(i + 1);
        }
        nodes[node].children.emplace_back(std::move(name), index);
        return index;
    }

    uint32_t item(uint32_t node, size_t place) {
        for (auto &[known, index] : nodes[node].items) {
            if (known == place) return index;
        }
        uint32_t index = uint32_t(nodes.size());
        nodes.emplace_back();
        nodes[node].items.emplace_back(place, index);
        return index;
    }

    void fill(uint32_t slot, uint32_t node) { nodes[node].slots.push_back(slot); }

    /// To be called when all paths are declared.
    void settle() {
        member_slots.clear();
        for (uint32_t index : member_nodes) {
            const Node &node = nodes[index];
            bool is_plain =
                node.children.empty() && node.items.empty() && node.slots.size() == 1;
            member_slots.push_back(is_plain ? int32_t(node.slots[0]) : -1);
        }
    }
};

}  // namespace cdrx
