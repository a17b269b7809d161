// Pieces of generated C++: literals, names, and lines that keep their width.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ptotune {

inline constexpr std::size_t kColumns = 100; // of a line of generated code

// A C string literal. Bytes beyond ASCII pass through.
std::string stringLiteral(std::string_view text);

// For a line comment: no line breaks, and no backslash that could join the next line.
std::string inComment(std::string_view text);

// A parameter's name as a field: "SlotNumQK" -> "slot_num_qk", "TILE_S1" -> "tile_s1".
std::string fieldName(std::string_view parameter);

// A parameter's name as a type: "PIPE_MODEL" -> "PipeModel".
std::string enumName(std::string_view parameter);

// Items joined by ", " over as many lines as they need, each line indented.
std::string wrappedItems(std::span<const std::string> items, std::string_view indent);

} // namespace ptotune
