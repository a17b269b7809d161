#include "tuner/search/study/T4Results.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace ptotune::search {
namespace {

using Json = nlohmann::json;

// Seconds for one of a file's units, which it may leave out: T4's own is the millisecond, spelt as
// its files do.
std::optional<double> secondsOf(const Json& metadata) {
  static constexpr std::pair<std::string_view, double> kUnits[] = {{"miliseconds", 1e-3},
                                                                   {"milliseconds", 1e-3},
                                                                   {"ms", 1e-3},
                                                                   {"seconds", 1},
                                                                   {"s", 1},
                                                                   {"microseconds", 1e-6},
                                                                   {"us", 1e-6},
                                                                   {"nanoseconds", 1e-9},
                                                                   {"ns", 1e-9}};
  if (!metadata.is_object() || !metadata.contains("timeunit"))
    return 1e-3;
  const Json& unit = metadata["timeunit"];
  for (const auto& [name, seconds] : kUnits)
    if (unit == name)
      return seconds;
  return std::nullopt;
}

// A part of the times: a number, or a list of them.
std::optional<double> sumOf(const Json& part) {
  if (part.is_number())
    return part.get<double>();
  if (!part.is_array())
    return std::nullopt;
  double sum = 0;
  for (const Json& time : part)
    if (time.is_number())
      sum += time.get<double>();
    else
      return std::nullopt;
  return sum;
}

class Reader {
public:
  Reader(const std::string& file, double unit) : file_(file), unit_(unit) {}

  Result<T4Result> read(const Json& json, std::size_t number) const {
    const auto wrong = [&](const char* key, const char* expected) {
      return Error{.message = "a value is missing or wrong",
                   .file = file_,
                   .key = fmt::format("results[{}].{}", number, key),
                   .expected = expected};
    };
    if (!json.is_object())
      return wrong("", "an object");
    T4Result result;
    if (!readConfiguration(json, result))
      return wrong("configuration", "an object of numbers and texts");
    if (!readCost(json, result))
      return wrong("times", "an object of times and lists of times");
    const auto verdict = json.find("invalidity");
    if (verdict == json.end() || !verdict->is_string())
      return wrong("invalidity", "a text, 'correct' for a valid result");
    if (*verdict != "correct")
      return result;
    result.value = valueOf(json);
    if (!result.value)
      return wrong("measurements", "the number of the first of the objectives");
    return result;
  }

private:
  static bool readConfiguration(const Json& json, T4Result& result) {
    const auto found = json.find("configuration");
    if (found == json.end() || !found->is_object())
      return false;
    for (const auto& [name, value] : found->items()) {
      if (value.is_number_integer())
        result.configuration.emplace_back(name, value.get<std::int64_t>());
      else if (value.is_number())
        result.configuration.emplace_back(name, value.get<double>());
      else if (value.is_boolean())
        result.configuration.emplace_back(name, std::int64_t{value.get<bool>()});
      else if (value.is_string())
        result.configuration.emplace_back(name, value.get<std::string>());
      else
        return false;
    }
    return true;
  }

  bool readCost(const Json& json, T4Result& result) const {
    const auto times = json.find("times");
    if (times == json.end() || !times->is_object())
      return false;
    for (const auto& [name, part] : times->items()) {
      if (name == "search_algorithm")
        continue;
      const auto sum = sumOf(part);
      if (!sum)
        return false;
      result.cost += *sum * unit_;
    }
    return true;
  }

  static std::optional<double> valueOf(const Json& json) {
    const auto measurements = json.find("measurements");
    if (measurements == json.end() || !measurements->is_array() || measurements->empty())
      return std::nullopt;
    const auto objectives = json.find("objectives");
    const bool isNamed = objectives != json.end() && objectives->is_array() && !objectives->empty();
    for (const Json& one : *measurements)
      if (one.is_object() && one.contains("value") && one["value"].is_number() &&
          (!isNamed || (one.contains("name") && one["name"] == objectives->front())))
        return one["value"].get<double>();
    return std::nullopt;
  }

  const std::string& file_;
  double unit_;
};

} // namespace

Result<std::vector<T4Result>> parseT4Results(std::string_view text, const std::string& file) {
  const Json whole = Json::parse(text, nullptr, false);
  if (!whole.is_object())
    return Error{
        .message = "the file is not a JSON object", .file = file, .expected = "a T4 results file"};
  const auto list = whole.find("results");
  if (list == whole.end() || !list->is_array())
    return Error{.message = "a value is missing or wrong",
                 .file = file,
                 .key = "results",
                 .expected = "a list"};
  const auto unit = secondsOf(whole.value("metadata", Json()));
  if (!unit)
    return Error{.message = "a value is missing or wrong",
                 .file = file,
                 .key = "metadata.timeunit",
                 .expected = "miliseconds, seconds, microseconds or nanoseconds"};
  const Reader reader(file, *unit);
  std::vector<T4Result> results;
  results.reserve(list->size());
  for (const Json& json : *list) {
    auto result = reader.read(json, results.size());
    if (!result)
      return result.error();
    results.push_back(*std::move(result));
  }
  return results;
}

} // namespace ptotune::search
