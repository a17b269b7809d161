#include "db/exchange/Fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ptotune {
namespace {

constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
constexpr std::size_t kShown = 80; // of a wrong value in an error

} // namespace

bool isHash(std::string_view text) {
  return Hash::parse(text).hex() == text;
}

Environment environmentOf(Fields& fields) {
  return {.soc = fields.text("soc"),
          .socHash = fields.hash("soc_hash"),
          .runner = fields.text("runner"),
          .runnerVersion = fields.text("runner_version"),
          .toolchain = fields.text("toolchain"),
          .toolVersion = fields.text("tool_version"),
          .cores = fields.integerOrZero("cores"),
          .frequency = fields.integerOrZero("frequency"),
          .isaHash = fields.textOrEmpty("isa_hash")};
}

bool Fields::has(const char* key) const {
  return object_.contains(key);
}

const nlohmann::json* Fields::raw(const char* key) {
  read_.insert(key);
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

void Fields::fail(const char* key, const std::string& expected) {
  if (error_)
    return;
  const auto found = object_.find(key);
  error_ = where_;
  error_->message = found == object_.end() ? "a value is missing" : "a value is wrong";
  error_->key = where_.key.empty() ? key : fmt::format("{}.{}", where_.key, key);
  if (found != object_.end())
    error_->value = found->dump(-1, ' ', false, kReplace).substr(0, kShown);
  error_->expected = expected;
}

const nlohmann::json* Fields::find(const char* key, const char* expected) {
  const nlohmann::json* value = raw(key);
  if (value == nullptr)
    fail(key, expected);
  return value;
}

std::string Fields::text(const char* key) {
  const auto* value = find(key, "a text");
  if (value == nullptr)
    return {};
  if (value->is_string())
    return value->get<std::string>();
  fail(key, "a text");
  return {};
}

std::int64_t Fields::integer(const char* key) {
  const auto* value = find(key, "an integer");
  if (value == nullptr)
    return 0;
  // Beyond 63 bits a number is unsigned, or no integer any more.
  if (value->is_number_integer() &&
      !(value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX))
    return value->get<std::int64_t>();
  fail(key, "an integer");
  return 0;
}

double Fields::number(const char* key) {
  const auto* value = find(key, "a number");
  if (value == nullptr)
    return 0;
  if (value->is_number())
    return value->get<double>();
  fail(key, "a number");
  return 0;
}

bool Fields::flag(const char* key) {
  const auto* value = find(key, "true or false");
  if (value == nullptr)
    return false;
  if (value->is_boolean())
    return value->get<bool>();
  fail(key, "true or false");
  return false;
}

Hash Fields::hash(const char* key) {
  constexpr const char* kExpected = "32 hexadecimal digits";
  const auto* value = find(key, kExpected);
  if (value == nullptr)
    return {};
  if (value->is_string() && isHash(value->get_ref<const std::string&>()))
    return Hash::parse(value->get_ref<const std::string&>());
  fail(key, kExpected);
  return {};
}

std::vector<double> Fields::numbers(const char* key) {
  constexpr const char* kExpected = "a list of numbers";
  const auto* value = find(key, kExpected);
  std::vector<double> numbers;
  if (value == nullptr)
    return numbers;
  if (!value->is_array())
    fail(key, kExpected);
  for (const auto& one : *value) {
    if (!one.is_number()) {
      fail(key, kExpected);
      break;
    }
    numbers.push_back(one.get<double>());
  }
  return numbers;
}

std::string Fields::object(const char* key) {
  const auto* value = find(key, "an object");
  if (value == nullptr)
    return {};
  if (value->is_object())
    return value->dump(-1, ' ', false, kReplace);
  fail(key, "an object");
  return {};
}

Status Fields::finish() {
  if (error_)
    return *error_;
  for (const auto& [key, value] : object_.items()) {
    if (read_.contains(key))
      continue;
    Error error = where_;
    error.message = fmt::format("unknown key '{}'", key);
    error.expected = fmt::format("{}", fmt::join(read_, ", "));
    return error;
  }
  return {};
}

Status Fields::finishLoosely() const {
  if (error_)
    return *error_;
  return {};
}

} // namespace ptotune
