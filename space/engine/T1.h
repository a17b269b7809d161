// Search spaces in the autotuning community's T1 JSON format
// (https://github.com/odgaard/TuningSchema): ConfigurationSpace.TuningParameters with Name, Type
// and Values as the text of a Python list, ConfigurationSpace.Conditions with Expression and
// Parameters. Whatever else such a file holds is about the kernel and is not read.
#pragma once

#include "space/engine/Model.h"

#include <string>
#include <string_view>

namespace ptotune::engine {

Result<Model> readT1(const std::string& path);
// `file` is what errors call the text.
Result<Model> parseT1(std::string_view text, const std::string& file);

} // namespace ptotune::engine
