// A file descriptor that is closed with its owner.
#pragma once

#include <unistd.h>
#include <utility>

namespace ptotune {

class FileDescriptor {
public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return number_; } // -1: none
  bool open() const { return number_ >= 0; }
  void reset() {
    if (number_ >= 0)
      ::close(number_);
    number_ = -1;
  }

private:
  int number_ = -1;
};

} // namespace ptotune
