#include "tests/support/device/DeviceProcess.h"

#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace ptotune::test {
namespace {

bool writeAll(int to, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(to, bytes.data(), bytes.size());
    if (done <= 0)
      return false;
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return true;
}

std::string readAll(int from) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (ssize_t got = 0; (got = ::read(from, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  return text;
}

Execution invalid(std::string why) {
  Execution execution;
  execution.outcome = "invalid";
  execution.detail = std::move(why);
  return execution;
}

Execution parse(const std::string& answer) {
  const std::size_t end = answer.find('\n');
  if (end == std::string::npos)
    return invalid("the device's process gave no answer");
  const auto header = nlohmann::json::parse(answer.substr(0, end));
  Execution execution;
  execution.outcome = header.at("outcome").get<std::string>();
  execution.detail = header.at("detail").get<std::string>();
  if (execution.outcome == "invalid")
    return execution;
  execution.seconds = header.at("seconds").get<double>();
  execution.rings = header.at("rings");
  execution.out.resize((answer.size() - end - 1) / sizeof(float));
  std::memcpy(execution.out.data(), answer.data() + end + 1, execution.out.size() * sizeof(float));
  return execution;
}

} // namespace

Execution execute(const std::string& program, const nlohmann::json& request,
                  std::span<const std::span<const char>> tensors) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0)
    return invalid("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::string name = program;
  std::array<char*, 2> argv{name.data(), nullptr};
  pid_t child = 0;
  const int code = ::posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  if (code != 0) {
    ::close(in[1]);
    ::close(out[0]);
    return invalid("'" + program + "' cannot be run");
  }
  // A child that ends early must not end this process.
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  const std::string header = request.dump() + "\n";
  bool sent = writeAll(in[1], header);
  for (const std::span<const char> tensor : tensors)
    sent = sent && writeAll(in[1], tensor);
  ::close(in[1]);
  const std::string answer = readAll(out[0]);
  ::close(out[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::signal(SIGPIPE, before);
  return sent ? parse(answer) : invalid("the device's process does not read");
}

} // namespace ptotune::test
