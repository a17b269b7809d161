// What the virtual runtime does with kernels.
#include "tests/support/device/Crash.h"
#include "tests/support/device/VirtualRuntime.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string_view>
#include <thread>

namespace ptotune::test {
namespace {

constexpr std::int32_t kCoreTimeout = 507014;
constexpr std::int32_t kCoreException = 507015;
constexpr std::int32_t kCrossCoreTimeout = 507018;
constexpr std::int32_t kStreamTimeout = 507046;

void sleepFor(std::int64_t milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

template <typename T> T* pointer(const KernelCall& call, const std::string& name) {
  return reinterpret_cast<T*>(call.values.at(name));
}

std::int64_t number(const KernelCall& call, const std::string& name) {
  const auto found = call.values.find(name);
  return found == call.values.end() ? 0 : static_cast<std::int64_t>(found->second);
}

} // namespace

std::int32_t VirtualRuntime::launch(KernelCall call, void* stream) {
  return enqueue(
      stream, [this, call = std::move(call), stream] { return run(call, *streams_.at(stream)); });
}

std::int32_t VirtualRuntime::run(const KernelCall& call, Stream& stream) {
  const auto ffts = call.values.find("ffts");
  if (ffts != call.values.end() && ffts->second != kFftsAddress) {
    sleepFor(std::min(opLimit_, waitLimit_));
    return fail(kCrossCoreTimeout, "cross-core flags without their base address");
  }
  if (call.values.contains("q"))
    if (const std::int32_t code = start(call, stream); code != 0)
      return code;
  return call.values.contains("out") ? finish(call, stream) : 0;
}

// Computes the kernel's answer. Its second launch, where it has one, is computed along.
std::int32_t VirtualRuntime::start(const KernelCall& call, Stream& stream) {
  ++runs_;
  const auto origin = nlohmann::json::parse(call.origin);
  const std::int64_t head = origin.at("head").get<std::int64_t>();
  const std::int64_t s0 = number(call, "s0");
  const std::int64_t s1 = number(call, "s1");
  const auto tensor = [&](const char* name, std::int64_t rows) {
    return std::span<const char>(pointer<const char>(call, name),
                                 static_cast<std::size_t>(rows * head * 2));
  };
  const std::span<const char> tensors[] = {tensor("q", s0), tensor("k", s1), tensor("v", s1)};
  const auto fault =
      std::find_if(script_.kernels.begin(), script_.kernels.end(), [&](const KernelFault& one) {
        return one.meets(origin.at("point"), s1, runs_);
      });
  nlohmann::json request{{"origin", call.origin},
                         {"soc_file", script_.socFile},
                         {"s0", s0},
                         {"s1", s1},
                         {"blocks", call.blocks}};
  if (fault != script_.kernels.end() && fault->effect == "inject")
    request["inject"] = fault->seed;
  std::size_t key = std::hash<std::string>()(request.dump());
  for (const std::span<const char> one : tensors) {
    if (!holds(one.data(), one.size()))
      return fail(kCoreException, "an input lies outside of the device's memory");
    key = key * 31 + std::hash<std::string_view>()(std::string_view(one.data(), one.size()));
  }
  auto known = known_.find(key);
  if (known == known_.end())
    known = known_.emplace(key, execute(script_.deviceProgram, request, tensors)).first;
  stream.execution = known->second;
  if (fault != script_.kernels.end() && fault->effect != "inject")
    return misbehave(*fault, call, stream);
  if (fault != script_.kernels.end())
    stream.execution.seconds *= fault->factor;
  const Execution& execution = stream.execution;
  if (execution.outcome == "hang") {
    sleepFor(std::min(opLimit_, waitLimit_));
    return fail(opLimit_ < waitLimit_ ? kCoreTimeout : kStreamTimeout, execution.detail);
  }
  if (execution.outcome != "finished")
    return fail(kCoreException, execution.outcome + ": " + execution.detail);
  return useRings(call, execution);
}

// A kernel leaves something in each ring.
std::int32_t VirtualRuntime::useRings(const KernelCall& call, const Execution& execution) {
  for (const auto& [name, bytes] : execution.rings.items()) {
    const auto count = bytes.get<std::size_t>();
    if (!holds(pointer<void>(call, name), count))
      return fail(kCoreException, "the ring " + name + " lies outside of the device's memory");
    std::memset(pointer<void>(call, name), 0x3c, count);
  }
  return 0;
}

// What the faults that end a run return; 0 for those that spoil an answer.
std::int32_t VirtualRuntime::misbehave(const KernelFault& fault, const KernelCall& call,
                                       Stream& stream) {
  std::vector<float>& out = stream.execution.out;
  const std::string& effect = fault.effect;
  if (effect == "hang") {
    sleepFor(std::min(opLimit_, waitLimit_));
    return fail(fault.code != 0 ? fault.code : kCoreTimeout, "the kernel did not end");
  }
  if (effect == "wait") {
    sleepFor(waitLimit_);
    return fail(kStreamTimeout, "the stream did not end");
  }
  if (effect == "stuck")
    while (true)
      sleepFor(60'000);
  if (effect == "crash")
    crash();
  if (effect == "exit")
    std::_Exit(7);
  if (effect == "exception")
    return fail(fault.code != 0 ? fault.code : kCoreException, "scripted exception");
  if (effect == "babble")
    std::puts("{\"this\": is not the protocol");
  if (effect == "late")
    sleepFor(static_cast<std::int64_t>(fault.factor));
  else
    stream.execution.seconds *= fault.factor;
  if (effect == "nan")
    out[out.size() / 2] = std::numeric_limits<float>::quiet_NaN();
  if (effect == "inf")
    out[out.size() / 3] = std::numeric_limits<float>::infinity();
  if (effect == "wrong")
    std::for_each(out.begin() + static_cast<std::ptrdiff_t>(out.size() / 2), out.end(),
                  [](float& value) { value += 0.5F; });
  if (effect == "unwritten")
    std::memset(out.data() + out.size() / 2, 0xff, out.size() / 2 * sizeof(float));
  if (effect == "beyond")
    pointer<float>(call, "out")[out.size() + 2] = 1;
  if (effect == "before")
    pointer<float>(call, "qk_fifo")[-3] = 1;
  return useRings(call, stream.execution);
}

std::int32_t VirtualRuntime::finish(const KernelCall& call, Stream& stream) {
  const std::vector<float>& out = stream.execution.out;
  auto* to = pointer<float>(call, "out");
  if (!holds(to, out.size() * sizeof(float)))
    return fail(kCoreException, "the output lies outside of the device's memory");
  std::memcpy(to, out.data(), out.size() * sizeof(float));
  stream.seconds += disturbed(stream.execution.seconds);
  return 0;
}

} // namespace ptotune::test
