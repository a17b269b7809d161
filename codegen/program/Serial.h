// Programs as text on one line, to be run by a process that has no compiler.
#pragma once

#include "codegen/program/Program.h"
#include "space/Result.h"

#include <string>
#include <string_view>

namespace ptotune::program {

// Every field, in the order of the declarations, behind each other with a blank: numbers in
// decimal, enumerations as their number, strings with their length ("2:qk"), lists with theirs.
std::string serialize(const Program& program);

// Reads what serialize() of the same version of pto-tune wrote. Its form is checked: numbers and
// enumerators that are none, a text that is cut or goes on. What a program means is for its reader
// to check.
Result<Program> deserialize(std::string_view text);

} // namespace ptotune::program
