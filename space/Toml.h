// Strict reading of the project's TOML files: every key is known, typed and in range, or the file
// is refused with the line it stands on. The first error wins; reads after it return zeros.
#pragma once

#include "space/Result.h"

#include <toml++/toml.h>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

// Vocabulary: a *figure* is a table { value = number, unit = "...", source = "..." }.
class TomlTable {
public:
  static Result<TomlTable> open(const std::string& path);
  // The same of a text; `file` is the name that errors use.
  static Result<TomlTable> parse(std::string_view text, const std::string& file);
  // The same of a file that may name another one, relative to itself, in `derived_from`: what it
  // says itself replaces what stands there, figure by figure. The key does not show.
  static Result<TomlTable> openDerived(const std::string& path);
  // Whether the file named another one.
  bool derived() const { return state_->chain > 0; }

  const std::string& file() const { return state_->file; }
  bool has(std::string_view key) const { return table_->contains(key); }
  std::vector<std::string> keys() const;

  std::string text(std::string_view key, std::string fallback);
  std::string text(std::string_view key); // required
  std::string oneOf(std::string_view key, std::initializer_list<std::string_view> allowed);
  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most);
  bool boolean(std::string_view key, bool fallback);
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t least);
  // A figure's value; `unit` must match. Its source goes to sources(), under the full key.
  double figure(std::string_view key, std::string_view unit, double least,
                double most = std::numeric_limits<double>::infinity());
  std::int64_t wholeFigure(std::string_view key, std::string_view unit, std::int64_t least);

  TomlTable table(std::string_view key); // required
  // An array of tables, in order; empty when the key is absent.
  std::vector<TomlTable> tables(std::string_view key);
  // The node itself, for values of more than one shape; marks the key as read.
  const toml::node* node(std::string_view key);

  // Reports `key` of this table as wrong.
  void fail(std::string_view key, std::string message, std::string value, std::string expected,
            std::string advice = {});
  // Refuses keys that were never read. Call when this table has been read.
  void finish();

  const std::map<std::string, std::string>& sources() const { return state_->sources; }
  // The whole file as TOML, with what it is derived from; parse() reads it back.
  std::string print() const;
  // The first error of the whole file, if any.
  Status status() const;

private:
  struct State {
    toml::table root;
    std::string file;
    std::optional<Error> error;
    std::map<std::string, std::string> sources;
    int chain = 0; // files that this one is derived from
  };
  TomlTable(std::shared_ptr<State> state, const toml::table* table, std::string prefix)
      : state_(std::move(state)), table_(table), prefix_(std::move(prefix)) {}

  const toml::node* find(std::string_view key, bool required);
  std::string path(std::string_view key) const;

  std::shared_ptr<State> state_;
  const toml::table* table_;
  std::string prefix_;
  std::vector<std::string> read_;
};

// The node as it stands in the file, for messages.
std::string tomlText(const toml::node& node);

} // namespace ptotune
