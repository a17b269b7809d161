#include "runners/ascend/AscendArtifact.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace ptotune::ascend {

std::string AscendArtifact::wire() const {
  return nlohmann::json{{"library", library},
                        {"plan", nlohmann::json::parse(plan.json())},
                        {"source_hash", source.hex()},
                        {"program_hash", program.hex()},
                        {"seconds", seconds}}
      .dump();
}

Result<std::shared_ptr<const Artifact>> AscendArtifact::fromWire(std::string_view wire) {
  try {
    const auto all = nlohmann::json::parse(wire);
    auto artifact = std::make_shared<AscendArtifact>();
    auto plan = LaunchPlan::fromJson(all.at("plan").dump());
    if (!plan)
      return plan.error();
    artifact->plan = *std::move(plan);
    artifact->library = all.at("library").get<std::string>();
    artifact->source = Hash::parse(all.at("source_hash").get<std::string>());
    artifact->program = Hash::parse(all.at("program_hash").get<std::string>());
    artifact->seconds = all.at("seconds").get<double>();
    return std::shared_ptr<const Artifact>(std::move(artifact));
  } catch (const nlohmann::json::exception& wrong) {
    return Error{.message = fmt::format("the built kernel is not understood: {}", wrong.what())};
  }
}

} // namespace ptotune::ascend
