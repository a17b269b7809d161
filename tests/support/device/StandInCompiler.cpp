// In place of bisheng: takes its flags, checks them, and builds a shared object whose launches the
// virtual ACL library executes.
//
// The kernel itself is not compiled. It must be, letter by letter, what its origin lowers to; so
// what the virtual device executes, the program that the same lowering makes, is that kernel.
#include "runners/ascend/LaunchShim.h"
#include "runners/manual/ManualKernel.h"
#include "runners/worker/Command.h"
#include "space/Soc.h"
#include "tests/support/device/Crash.h"
#include "tests/support/device/ManualUnit.h"
#include "tests/support/device/Origin.h"
#include "tests/support/device/Script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <thread>

namespace ptotune::test {
namespace {

using Words = std::set<std::string>;

// Flags of all device code for A2 and A3.
const Words kDevice = {"-fPIC",
                       "-xcce",
                       "-Xhost-start",
                       "-Xhost-end",
                       "-cce-aicore-stack-size=0x8000",
                       "-cce-aicore-function-stack-size=0x8000",
                       "-cce-aicore-record-overflow=true",
                       "-cce-aicore-addr-transform",
                       "-cce-aicore-dcci-insert-for-scalar=false"};
const Words kAllowed = {"-O2", "-H", "-mllvm", "-Wno-macro-redefined", "-Wno-ignored-attributes"};

// A kind of command: what it must have, beside kDevice where it compiles, told by a flag that no
// other kind has.
struct Kind {
  const char* mark;
  Words required;
  bool compiles;
};
const Kind kKinds[] = {
    // As upstream's compile.sh of an emitted kernel has them.
    {"-cce-enable-mix",
     {"-shared", "-std=gnu++17", "-cce-enable-mix", "--npu-arch=dav-2201", "-DMEMORY_BASE"},
     true},
    // As upstream's CMakeLists.txt of its manual kernel has them.
    {"--cce-pto-enable",
     {"-c", "-std=c++17", "--cce-pto-enable", "--cce-aicore-arch=dav-c220"},
     true},
    {"--cce-fatobj-link", {"-fPIC", "-shared", "--cce-fatobj-link"}, false},
};

struct Arguments {
  const Kind* kind = nullptr;
  std::string source;
  std::string output;
  std::vector<std::string> includes; // options
};

[[noreturn]] void fail(const std::string& message) {
  fmt::print(stderr, "error: {}\n1 error generated.\n", message);
  std::exit(1);
}

std::string textOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    fail(path + ": no such file");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Arguments parse(const std::vector<std::string>& words) {
  Arguments arguments;
  const auto* kind = std::ranges::find_if(
      kKinds, [&](const Kind& one) { return std::ranges::find(words, one.mark) != words.end(); });
  if (kind == std::end(kKinds))
    fail("these flags are of no kind of kernel");
  arguments.kind = kind;
  Words missing = kind->required;
  if (kind->compiles)
    missing.insert(kDevice.begin(), kDevice.end());
  const Words required = missing;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool generator = word.starts_with("-cce-aicore-");
    if (generator && (i == 0 || words[i - 1] != "-mllvm"))
      fail("unknown argument: '" + word + "'; it belongs behind -mllvm");
    if (required.contains(word))
      missing.erase(word);
    else if (word == "-o" && i + 1 < words.size())
      arguments.output = words[++i];
    else if (word.starts_with("-I") && kind->compiles)
      arguments.includes.push_back(word);
    else if (!word.starts_with("-") && arguments.source.empty())
      arguments.source = word;
    else if (!kind->compiles || !kAllowed.contains(word))
      fail("unknown argument: '" + word + "'");
  }
  if (!missing.empty())
    fail(fmt::format("these flags are missing: {}", fmt::join(missing, " ")));
  if (arguments.source.empty() || arguments.output.empty())
    fail("no input files");
  return arguments;
}

// What the script has for this kernel. True where the library is to be spoilt.
bool disturb(const Script& script, const nlohmann::json& point, const Arguments& arguments) {
  for (const KernelFault& fault : script.compiler) {
    if (!fault.meets(point, 0, 1))
      continue;
    if (fault.effect == "error")
      fail(arguments.source + ":12:5: use of undeclared identifier 'TMATMUL_V2'");
    if (fault.effect == "crash")
      crash();
    if (fault.effect == "hang")
      std::this_thread::sleep_for(std::chrono::hours(1));
    if (fault.effect == "nothing")
      std::exit(0);
    if (fault.effect == "garbage")
      return true;
  }
  return false;
}

std::string rewritten(const std::string& shim) {
  static const std::regex launch(R"((\w+)<<<([^,]+), nullptr, (\w+)>>>\()");
  static const std::regex kernel("#include \"kernel.cpp\"\n");
  return std::regex_replace(std::regex_replace(shim, kernel, ""), launch,
                            "virtualLaunch(\"$1\", kNames_$1, $2, $3, ");
}

// Host code in place of the kernel: the entries' parameters, and how a launch reaches the device.
std::string hostCode(const std::string& origin, const std::vector<ascend::Entry>& entries) {
  std::string text = "#include <pto/pto-inst.hpp>\n#include <cstdint>\n";
  text += fmt::format("static const char kOrigin[] = R\"JSON({})JSON\";\n", origin);
  text += R"(extern "C" void pto_tune_virtual_launch(const char* origin, const char* entry,
    const char* const* names, uint32_t count, const uint64_t* values, uint32_t blocks, void* stream);
template <typename... Values>
static void virtualLaunch(const char* entry, const char* const* names, uint32_t blocks,
                          void* stream, Values... values) {
  const uint64_t all[] = {(uint64_t)values...};
  pto_tune_virtual_launch(kOrigin, entry, names, sizeof...(values), all, blocks, stream);
}
)";
  for (const ascend::Entry& entry : entries) {
    std::vector<std::string> names;
    for (const ascend::Parameter& parameter : entry.parameters)
      names.push_back("\"" + parameter.name + "\"");
    text += fmt::format("static const char* const kNames_{}[] = {{{}}};\n", entry.name,
                        fmt::join(names, ", "));
  }
  return text;
}

// The shim as host code, once its kernel is what the origin lowers to.
std::string translate(const Script& script, const Arguments& arguments, const std::string& shim,
                      bool& spoilt) {
  const std::size_t begin = ascend::kOriginComment.size();
  const std::string text = shim.substr(begin, shim.find('\n') - begin);
  const auto origin = originOf(text);
  if (!origin)
    fail(origin.error().text());
  spoilt = disturb(script, origin->pointJson, arguments);
  const auto soc = loadSoc(script.socFile);
  if (!soc)
    fail(soc.error().text());
  const auto lowered = lower(origin->spec, origin->point, *soc, Emit::cpp);
  if (!lowered)
    fail(lowered.error().text());
  const auto folder = std::filesystem::path(arguments.source).parent_path();
  if (lowered->cpp != textOf((folder / "kernel.cpp").string()))
    fail("kernel.cpp is not what its origin lowers to");
  const auto entries = ascend::entriesOf(lowered->cpp);
  if (!entries)
    fail(entries.error().text());
  return hostCode(text, *entries) + rewritten(shim);
}

// A unit over the manual kernel of the stand-in's pto-isa tree.
std::string translateManual(const Script& script, const Arguments& arguments,
                            const std::string& unit, bool& spoilt) {
  const std::size_t begin = manual::kUnitComment.size();
  const auto origin =
      nlohmann::json::parse(unit.substr(begin, unit.find('\n') - begin), nullptr, false);
  if (!origin.is_object())
    fail("the unit does not say what it is for");
  spoilt = disturb(script, origin.at("point"), arguments);
  return manualHostCode(origin, unit);
}

int runHostCompiler(std::vector<std::string> words) {
  words.insert(words.begin(), PTO_TUNE_CXX_COMPILER);
  const auto built = runCommand(words, std::chrono::minutes(1));
  if (!built)
    fail(built.error().text());
  fmt::print(stderr, "{}", built->output);
  return built->good() ? 0 : 1;
}

// The source as host code, by what its first line says.
std::string hostSource(const Arguments& arguments, const Script& script, bool& spoilt) {
  const std::string source = textOf(arguments.source);
  if (source.starts_with(ascend::kOriginComment))
    return translate(script, arguments, source, spoilt);
  if (source.starts_with(manual::kUnitComment))
    return translateManual(script, arguments, source, spoilt);
  return source;
}

int compile(const std::vector<std::string>& words) {
  if (words.size() == 1 && words.front() == "--version") {
    fmt::print("bisheng stand-in version 1.0 (pto-tune tests)\nTarget: virtual\n");
    return 0;
  }
  const Script script = Script::fromEnvironment();
  const Arguments arguments = parse(words);
  const bool shared = arguments.kind->required.contains("-shared");
  std::vector<std::string> command = {
      "-std=c++17", "-fPIC", "-w", shared ? "-shared" : "-c", "-o", arguments.output};
  if (!arguments.kind->compiles) {
    command.push_back(arguments.source);
    return runHostCompiler(std::move(command));
  }
  const std::string host = arguments.output + ".host.cpp";
  bool spoilt = false;
  std::ofstream(host) << hostSource(arguments, script, spoilt);
  command.insert(command.end(), arguments.includes.begin(), arguments.includes.end());
  command.insert(command.end(), {"-H", host});
  const int code = runHostCompiler(std::move(command));
  std::filesystem::remove(host);
  if (code == 0 && textOf(arguments.source).starts_with(ascend::kOriginComment))
    script.note("build");
  if (spoilt)
    std::ofstream(arguments.output) << "not a shared object";
  return code;
}

} // namespace
} // namespace ptotune::test

int main(int argc, char** argv) {
  return ptotune::test::compile({argv + 1, argv + argc});
}
