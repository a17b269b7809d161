#include "tests/support/device/Script.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace ptotune::test {
namespace {

using nlohmann::json;

[[noreturn]] void giveUp(const std::string& why) {
  std::fprintf(stderr, "virtual device: %s\n", why.c_str());
  std::exit(3);
}

template <typename T> void take(const json& from, const char* key, T& to) {
  if (from.contains(key))
    to = from.at(key).get<T>();
}

CallFault callFault(const json& text) {
  CallFault fault;
  fault.call = text.at("call").get<std::string>();
  take(text, "from", fault.from);
  take(text, "to", fault.to);
  take(text, "code", fault.code);
  take(text, "hang", fault.hang);
  take(text, "crash", fault.crash);
  return fault;
}

KernelFault kernelFault(const json& text) {
  KernelFault fault;
  fault.effect = text.at("effect").get<std::string>();
  take(text, "point", fault.point);
  take(text, "s1", fault.s1);
  take(text, "from", fault.from);
  take(text, "to", fault.to);
  take(text, "code", fault.code);
  take(text, "factor", fault.factor);
  take(text, "seed", fault.seed);
  return fault;
}

Script parse(const json& text) {
  Script script;
  script.socFile = text.at("soc_file").get<std::string>();
  script.soc = text.at("soc").get<std::string>();
  script.deviceProgram = text.at("device_program").get<std::string>();
  take(text, "log", script.log);
  take(text, "counter", script.counter);
  take(text, "reset_heals", script.resetHeals);
  take(text, "noise", script.noise);
  take(text, "drift", script.drift);
  const json none = json::array();
  for (const json& one : text.value("calls", none))
    script.calls.push_back(callFault(one));
  for (const json& one : text.value("kernels", none))
    script.kernels.push_back(kernelFault(one));
  for (const json& one : text.value("compiler", none))
    script.compiler.push_back(kernelFault(one));
  return script;
}

} // namespace

bool KernelFault::meets(const json& ofPoint, std::int64_t ofS1, std::int64_t run) const {
  for (const auto& [name, value] : point.items())
    if (!ofPoint.contains(name) || ofPoint.at(name) != value)
      return false;
  return (s1 == 0 || s1 == ofS1) && run >= from && run <= to;
}

void Script::note(const std::string& what) const {
  constexpr mode_t kReadable = 0644;
  if (log.empty())
    return;
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kReadable);
  if (file < 0)
    return;
  const std::string line = std::to_string(::getpid()) + " " + what + "\n";
  if (::write(file, line.data(), line.size()) < 0)
    std::perror("virtual device: log");
  ::close(file);
}

Script Script::fromEnvironment() {
  const char* path = std::getenv("PTO_TUNE_VIRTUAL_DEVICE");
  if (path == nullptr)
    giveUp("PTO_TUNE_VIRTUAL_DEVICE is not set");
  std::ifstream file(path);
  try {
    return parse(json::parse(file));
  } catch (const json::exception& wrong) {
    giveUp(std::string(path) + ": " + wrong.what());
  }
}

} // namespace ptotune::test
