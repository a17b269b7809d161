// A folder of its own below the system's one for temporary files, which goes with the object.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace ptotune {

class TemporaryFolder {
public:
  // None yet.
  TemporaryFolder() = default;
  // `purpose` stands in its name: "pto-tune-isa-" and six letters.
  explicit TemporaryFolder(std::string_view purpose) {
    std::error_code failed;
    const auto base = std::filesystem::temp_directory_path(failed);
    // mkdtemp() puts letters of its own in place of six X.
    constexpr std::size_t kLetters = 6;
    std::string pattern =
        fmt::format("{}{}-{}", (base / "pto-tune-").string(), purpose, std::string(kLetters, 'X'));
    if (!failed && ::mkdtemp(pattern.data()) != nullptr)
      path_ = std::move(pattern);
  }
  ~TemporaryFolder() { remove(); }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    if (this != &other) {
      remove();
      path_ = std::exchange(other.path_, {});
    }
    return *this;
  }

  // "" where none could be made.
  const std::string& path() const { return path_; }

private:
  void remove() const {
    std::error_code ignored;
    if (!path_.empty())
      std::filesystem::remove_all(path_, ignored);
  }

  std::string path_;
};

} // namespace ptotune
