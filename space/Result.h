// Errors as values. A function that can fail on bad input returns Result<T>; a rejected, slow or
// wrong candidate is not an error but a Verdict or a Trial.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace ptotune {

// What went wrong, where, and what to do. Fields that do not apply stay empty.
struct Error {
  std::string message;  // one sentence, no trailing newline
  std::string file;     // the input file, as the user named it
  int line = 0;         // 1-based; 0 when unknown
  std::string key;      // e.g. "memory.ub.bytes"
  std::string value;    // what stood there
  std::string expected; // what would have been right
  std::string advice;   // what to do next

  // "file:line: message [key = value]; expected ...; advice"
  std::string text() const;
};

template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  const T& operator*() const& { return std::get<T>(state_); }
  T& operator*() & { return std::get<T>(state_); }
  T&& operator*() && { return std::get<T>(std::move(state_)); }
  const T* operator->() const { return &std::get<T>(state_); }
  T* operator->() { return &std::get<T>(state_); }

  const Error& error() const { return std::get<Error>(state_); }

private:
  std::variant<T, Error> state_;
};

template <> class [[nodiscard]] Result<void> {
public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *error_; }

private:
  std::optional<Error> error_;
};

using Status = Result<void>;

} // namespace ptotune
