#include "runners/ascend/LaunchShim.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace ptotune::ascend {
namespace {

using nlohmann::json;

constexpr std::string_view kEntryMark = "extern \"C\" __global__ AICORE void ";
constexpr std::string_view kFfts = "ffts";

bool isPointer(const Parameter& parameter) {
  return parameter.type.ends_with('*');
}

// Words of a text, runs of white space as one blank.
std::string squeezed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (!blank)
      result += c;
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
  }
  while (result.ends_with(' '))
    result.pop_back();
  return result;
}

Error notUnderstood(std::string_view what) {
  return {.message = fmt::format("the emitted C++ has an entry that cannot be launched: {}", what),
          .advice = "this is a defect of pto-tune"};
}

// "__gm__ half* q" -> type and name.
Result<Parameter> parameterOf(std::string_view text) {
  const std::string words = squeezed(text);
  const std::size_t blank = words.rfind(' ');
  if (blank == std::string::npos)
    return notUnderstood("parameter '" + words + "'");
  return Parameter{words.substr(0, blank), words.substr(blank + 1)};
}

Result<Entry> entryOf(std::string_view signature) {
  const std::size_t open = signature.find('(');
  const std::size_t close = signature.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return notUnderstood("a signature without parameters");
  Entry entry{std::string(signature.substr(0, open)), {}};
  for (std::size_t begin = open + 1; begin < close;) {
    const std::size_t end = std::min(signature.find(',', begin), close);
    auto parameter = parameterOf(signature.substr(begin, end - begin));
    if (!parameter)
      return parameter.error();
    entry.parameters.push_back(*std::move(parameter));
    begin = end + 1;
  }
  return entry;
}

// Rows, columns and bytes of an element of the tensors that attention's launches take.
struct Extent {
  std::int64_t elements = 0;
  std::int64_t bytes = 0;
};
std::optional<Extent> tensorExtent(const std::string& name, const Problem& problem,
                                   std::int64_t parts) {
  const auto tensor = program::tensorNamed(name);
  if (!tensor)
    return std::nullopt;
  const std::int64_t half = program::bytesOf(program::DType::f16);
  const std::int64_t single = program::bytesOf(program::DType::f32);
  switch (*tensor) {
  case program::Tensor::q:
    return Extent{problem.s0 * problem.head, half};
  case program::Tensor::k:
  case program::Tensor::v:
    return Extent{problem.s1 * problem.head, half};
  case program::Tensor::out:
    return Extent{problem.s0 * problem.head, single};
  case program::Tensor::partOut:
    return Extent{parts * problem.s0 * problem.head, single};
  case program::Tensor::partMax:
  case program::Tensor::partSum:
    return Extent{parts * problem.s0, single};
  case program::Tensor::none:
  case program::Tensor::a:
  case program::Tensor::b:
  case program::Tensor::c:
    break;
  }
  return std::nullopt;
}

std::string launchText(const Entry& entry, const LaunchPlan& plan, std::size_t number) {
  std::vector<std::string> values;
  for (const Parameter& parameter : entry.parameters) {
    if (parameter.name == kFfts) {
      values.push_back(fmt::format("({})ffts", parameter.type));
    } else if (isPointer(parameter)) {
      const auto at = std::ranges::find(plan.arguments, parameter.name) - plan.arguments.begin();
      values.push_back(fmt::format("({})buffers[{}]", parameter.type, at));
    } else {
      values.push_back(parameter.name);
    }
  }
  return fmt::format("    {}<<<blocks[{}], nullptr, stream>>>(\n        {});\n", entry.name, number,
                     fmt::join(values, ",\n        "));
}

} // namespace

Result<std::vector<Entry>> entriesOf(std::string_view cpp) {
  std::vector<Entry> entries;
  for (std::size_t at = cpp.find(kEntryMark); at != std::string_view::npos;
       at = cpp.find(kEntryMark, at + 1)) {
    const std::string_view from = cpp.substr(at + kEntryMark.size());
    auto entry = entryOf(from.substr(0, from.find('{')));
    if (!entry)
      return entry.error();
    for (const Parameter& parameter : entry->parameters)
      if (!isPointer(parameter) && parameter.name != "s0" && parameter.name != "s1")
        return notUnderstood("parameter '" + parameter.name + "' of '" + entry->name + "'");
    entries.push_back(*std::move(entry));
  }
  if (entries.empty())
    return notUnderstood("there is none");
  return entries;
}

Result<LaunchPlan> planLaunch(const program::Program& lowered, const std::vector<Entry>& entries) {
  LaunchPlan plan;
  plan.parts = lowered.parts;
  const program::Program* program = &lowered;
  for (const Entry& entry : entries) {
    if (program == nullptr)
      return notUnderstood("'" + entry.name + "' is not among the program's launches");
    plan.launches.push_back({entry.name, program->rowsPerBlock, program->unitsPerBlock});
    for (const program::FifoInfo& fifo : program->fifos)
      plan.rings.push_back({fifo.name + "_fifo", fifo.slotBytes * fifo.slots});
    for (const Parameter& parameter : entry.parameters)
      if (isPointer(parameter) && parameter.name != kFfts &&
          std::ranges::find(plan.arguments, parameter.name) == plan.arguments.end())
        plan.arguments.push_back(parameter.name);
    program = program->next.get();
  }
  if (program != nullptr)
    return notUnderstood("a launch of the program has no entry");
  return plan;
}

std::vector<std::uint32_t> blocksOf(const LaunchPlan& plan, const Problem& problem,
                                    std::int64_t cubeCores) {
  std::vector<std::uint32_t> blocks;
  for (const Launch& launch : plan.launches) {
    const std::int64_t units = problem.s0 / launch.rowsPerBlock * launch.unitsPerBlock;
    const std::int64_t most = launch.persistent ? cubeCores : std::max<std::int64_t>(units, 1);
    blocks.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(units, 1, most)));
  }
  return blocks;
}

Result<std::vector<std::int64_t>> bytesOf(const LaunchPlan& plan, const Problem& problem,
                                          std::int64_t cubeCores) {
  const std::int64_t cores = blocksOf(plan, problem, cubeCores).front();
  std::vector<std::int64_t> bytes;
  for (const std::string& name : plan.arguments) {
    const auto ring = std::ranges::find(plan.rings, name, &Ring::name);
    if (ring != plan.rings.end()) {
      bytes.push_back(ring->bytesPerCore * cores);
      continue;
    }
    const auto extent = tensorExtent(name, problem, plan.parts);
    if (!extent)
      return notUnderstood("nothing is known of its buffer '" + name + "'");
    bytes.push_back(extent->elements * extent->bytes);
  }
  return bytes;
}

std::string LaunchPlan::json() const {
  nlohmann::json all{{"arguments", arguments}, {"parts", parts}};
  for (const Launch& launch : launches)
    all["launches"].push_back({{"entry", launch.entry},
                               {"rows_per_block", launch.rowsPerBlock},
                               {"units_per_block", launch.unitsPerBlock},
                               {"persistent", launch.persistent}});
  all["rings"] = nlohmann::json::array();
  for (const Ring& ring : rings)
    all["rings"].push_back({{"name", ring.name}, {"bytes_per_core", ring.bytesPerCore}});
  return all.dump();
}

Result<LaunchPlan> LaunchPlan::fromJson(std::string_view text) {
  try {
    const auto all = nlohmann::json::parse(text);
    LaunchPlan plan;
    plan.arguments = all.at("arguments").get<std::vector<std::string>>();
    plan.parts = all.at("parts").get<std::int64_t>();
    for (const auto& launch : all.at("launches"))
      plan.launches.push_back(
          {launch.at("entry").get<std::string>(), launch.at("rows_per_block").get<std::int64_t>(),
           launch.at("units_per_block").get<std::int64_t>(), launch.at("persistent").get<bool>()});
    for (const auto& ring : all.at("rings"))
      plan.rings.push_back(
          {ring.at("name").get<std::string>(), ring.at("bytes_per_core").get<std::int64_t>()});
    if (plan.launches.empty() || std::ranges::any_of(plan.launches, [](const Launch& launch) {
          return launch.rowsPerBlock <= 0 || launch.unitsPerBlock <= 0;
        }))
      return Error{.message = "the launch plan has a launch without rows"};
    return plan;
  } catch (const nlohmann::json::exception& wrong) {
    return Error{.message = fmt::format("the launch plan is not understood: {}", wrong.what())};
  }
}

std::string shimSource(const std::vector<Entry>& entries, const LaunchPlan& plan,
                       const std::string& kernelFile, const KernelSpec& spec, const Point& point) {
  const nlohmann::json origin{{"head", spec.head},
                              {"causal", spec.causal},
                              {"dtype", spec.dtype},
                              {"point", nlohmann::json::parse(point.json())}};
  std::string text = fmt::format("{}{}\n#include \"{}\"\n\n#include <cstdint>\n\n", kOriginComment,
                                 origin.dump(), kernelFile);
  text += "extern \"C\" int32_t rtGetC2cCtrlAddr(uint64_t* address, uint32_t* length);\n\n";
  text += fmt::format("extern \"C\" int32_t {}(void* const* buffers, int64_t s0, int64_t s1,\n"
                      "                                   const uint32_t* blocks, void* stream)\n",
                      kLaunchFunction);
  text += "{\n"
          "    uint64_t ffts = 0;\n"
          "    uint32_t length = 0;\n"
          "    const int32_t code = rtGetC2cCtrlAddr(&ffts, &length);\n"
          "    if (code != 0)\n"
          "        return code;\n";
  for (std::size_t i = 0; i < entries.size(); ++i)
    text += launchText(entries[i], plan, i);
  return text + "    return 0;\n}\n";
}

} // namespace ptotune::ascend
