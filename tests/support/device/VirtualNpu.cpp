// The device behind the virtual ACL library, in a process of its own: executes one launch of a
// kernel on the simulator in functional fidelity.
//
// stdin: a JSON object on one line {"origin", "soc_file", "s0", "s1", "blocks"}, with "inject" the
// seed of a fault (Injection.h), then the bytes of q, k and v. stdout: a JSON object on one line
// {"outcome", "detail", "seconds", "rings": {name: bytes}}, then the bytes of the output where the
// outcome is "finished".
#include "runners/sim/Functional.h"
#include "space/Soc.h"
#include "tests/support/device/Injection.h"
#include "tests/support/device/Origin.h"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <optional>
#include <string>

namespace ptotune::test {
namespace {

using nlohmann::json;

void answer(const json& header, const std::vector<float>& out = {}) {
  fmt::print("{}\n", header.dump());
  std::fwrite(out.data(), sizeof(float), out.size(), stdout);
  std::fflush(stdout);
}

int giveUp(const std::string& why) {
  answer({{"outcome", "invalid"}, {"detail", why}});
  return 0;
}

void readHalves(std::vector<sim::Half>& values, std::int64_t count) {
  values.resize(static_cast<std::size_t>(count));
  std::cin.read(reinterpret_cast<char*>(values.data()),
                static_cast<std::streamsize>(values.size() * sizeof(sim::Half)));
}

int execute(const json& request) {
  const auto origin = originOf(request.at("origin").get<std::string>());
  if (!origin)
    return giveUp(origin.error().text());
  const auto soc = loadSoc(request.at("soc_file").get<std::string>());
  if (!soc)
    return giveUp(soc.error().text());
  Problem problem;
  problem.head = origin->spec.head;
  problem.causal = origin->spec.causal;
  problem.s0 = request.at("s0").get<std::int64_t>();
  problem.s1 = request.at("s1").get<std::int64_t>();
  sim::AttentionInputs inputs;
  readHalves(inputs.q, problem.s0 * problem.head);
  readHalves(inputs.k, problem.s1 * problem.head);
  readHalves(inputs.v, problem.s1 * problem.head);
  if (!std::cin)
    return giveUp("the inputs are not whole");
  const auto right = lower(origin->spec, origin->point, *soc, Emit::program);
  if (!right)
    return giveUp(right.error().text());
  std::optional<LoweredKernel> wrong;
  if (request.contains("inject")) {
    std::string fault;
    auto injected = lowerWithFault(origin->spec, origin->point, *soc,
                                   request.at("inject").get<std::uint64_t>(), fault);
    if (!injected)
      return giveUp(injected.error().text());
    wrong = *std::move(injected);
  }
  sim::FunctionalCase data{problem,
                           0,
                           {{program::Tensor::q, inputs.q},
                            {program::Tensor::k, inputs.k},
                            {program::Tensor::v, inputs.v}},
                           program::Tensor::out,
                           {}};
  const auto result =
      sim::runFunctional((wrong ? *wrong : *right).program, *soc, data, {.hazards = false});
  json rings = json::object();
  for (const program::FifoInfo& fifo : right->program.fifos)
    rings[fifo.name + "_fifo"] =
        fifo.slotBytes * fifo.slots * request.at("blocks").get<std::int64_t>();
  answer({{"outcome", sim::name(result.run.outcome)},
          {"detail", result.run.detailText()},
          {"seconds", result.run.seconds},
          {"rings", rings}},
         result.out);
  return 0;
}

} // namespace
} // namespace ptotune::test

int main() {
  std::string header;
  std::getline(std::cin, header);
  try {
    return ptotune::test::execute(nlohmann::json::parse(header));
  } catch (const nlohmann::json::exception& wrong) {
    return ptotune::test::giveUp(wrong.what());
  }
}
