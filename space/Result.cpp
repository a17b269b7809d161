#include "space/Result.h"

#include <fmt/format.h>

namespace ptotune {

std::string Error::text() const {
  std::string text;
  if (!file.empty())
    text += line > 0 ? fmt::format("{}:{}: ", file, line) : fmt::format("{}: ", file);
  text += message;
  if (!key.empty())
    text += value.empty() ? fmt::format(" [{}]", key) : fmt::format(" [{} = {}]", key, value);
  else if (!value.empty())
    text += fmt::format(" [{}]", value);
  if (!expected.empty())
    text += fmt::format("; expected {}", expected);
  if (!advice.empty())
    text += fmt::format("; {}", advice);
  return text;
}

} // namespace ptotune
