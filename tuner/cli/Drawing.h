// The witness of a protocol rule as a drawing.
#pragma once

#include "space/Verdict.h"

#include <span>
#include <string>

namespace ptotune::cli {

// One line an operation, each below what it holds back:
//   cube TALLOC QK tile 4
//     waits for vec TFREE QK tile 3
//     comes after vec TALLOC P tile 2
// A line that closes a cycle says so.
std::string drawing(std::span<const Link> links, std::size_t indent);

// The links of all findings as a digraph for Graphviz's dot; a missing order is dashed.
std::string dot(const Explanation& explanation, const std::string& title);

// For CLI11's check(): complains of a file whose name promises an image, which dot() does not make.
std::string refuseImage(const std::string& file);

} // namespace ptotune::cli
