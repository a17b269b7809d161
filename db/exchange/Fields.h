// Reading the fields of one JSON object, strictly; private to db/.
#pragma once

#include "db/Trial.h"
#include "space/Hash.h"
#include "space/Result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

// Getters return a default once something was wrong; finish() tells the first thing that was.
class Fields {
public:
  // `object` must outlive this and be an object. `where` fills the errors' file, line and key.
  Fields(const nlohmann::json& object, Error where) : object_(object), where_(std::move(where)) {}

  bool has(const char* key) const;
  std::string text(const char* key);
  std::int64_t integer(const char* key);
  // Zero, or empty, where the key is missing.
  std::int64_t integerOrZero(const char* key) { return has(key) ? integer(key) : 0; }
  double numberOrZero(const char* key) { return has(key) ? number(key) : 0; }
  std::string textOrEmpty(const char* key) { return has(key) ? text(key) : std::string(); }
  double number(const char* key);
  bool flag(const char* key);
  Hash hash(const char* key); // 32 hexadecimal digits
  std::vector<double> numbers(const char* key);
  // An object, printed with sorted keys and no white space.
  std::string object(const char* key);
  // The value as it stands; null when it is missing.
  const nlohmann::json* raw(const char* key);

  void fail(const char* key, const std::string& expected);
  bool failed() const { return error_.has_value(); }
  // Keys that were not read are unknown.
  Status finish();
  // The same, other keys being allowed.
  Status finishLoosely() const;

private:
  const nlohmann::json* find(const char* key, const char* expected);

  const nlohmann::json& object_;
  Error where_;
  std::optional<Error> error_;
  std::set<std::string, std::less<>> read_;
};

// The keys of an environment's canonical text.
Environment environmentOf(Fields& fields);

// Whether `text` has 32 hexadecimal digits, lower case, and nothing else.
bool isHash(std::string_view text);

} // namespace ptotune
