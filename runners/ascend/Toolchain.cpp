#include "runners/ascend/Toolchain.h"

#include "codegen/program/Version.h"
#include "runners/ascend/CompileCommand.h"
#include "runners/worker/Command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/utsname.h>
#include <unistd.h>

namespace ptotune::ascend {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMainHeader = "pto/pto-inst.hpp";
constexpr const char* kCompiler = "bisheng";
constexpr std::size_t kTailLines = 20;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string trimmed(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.back()))
    text.pop_back();
  text.erase(0, static_cast<std::size_t>(std::ranges::find_if_not(text, blank) - text.begin()));
  return text;
}

std::string fileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool isProgram(const std::string& path) {
  return fs::is_regular_file(path) && ::access(path.c_str(), X_OK) == 0;
}

// CANN's version file: below "<machine>-linux" of its folder.
std::string cannVersion(const std::string& home) {
  utsname system{};
  if (home.empty() || ::uname(&system) != 0)
    return "";
  return valueInFile(fmt::format("{}/{}-linux/ascend_toolkit_install.info", home, system.machine),
                     "version");
}

// Canonical where it exists, so that links do not make two trees of one.
std::string canonical(const std::string& path) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  return failed ? fs::path(path).lexically_normal().string() : real.string();
}

} // namespace

AscendOptions AscendOptions::fromEnvironment() {
  AscendOptions options;
  options.compiler = variable("BISHENG");
  options.isaRoot = variable("PTO_ISA_ROOT");
  if (options.isaRoot.empty())
    options.isaRoot = variable("PTO_LIB_PATH");
  options.home = variable("ASCEND_HOME_PATH");
  options.acl = AclSearch::fromEnvironment();
  const std::string device = variable("ACL_DEVICE_ID");
  std::from_chars(device.data(), device.data() + device.size(), options.device);
  options.buildFolder = variable("PTO_TUNE_BUILD_DIR");
  options.healthFolder = variable("PTO_TUNE_STATE_DIR");
  return options;
}

Result<std::string> findCompiler(const AscendOptions& options) {
  std::vector<std::string> tried;
  if (!options.compiler.empty() && options.compiler.find('/') != std::string::npos) {
    tried.push_back(options.compiler);
  } else {
    const std::string file = options.compiler.empty() ? kCompiler : options.compiler;
    if (!options.home.empty()) {
      tried.push_back(options.home + "/bin/" + file);
      tried.push_back(options.home + "/compiler/ccec_compiler/bin/" + file);
    }
    const std::string path = variable("PATH");
    for (std::size_t begin = 0; begin < path.size();) {
      const std::size_t end = std::min(path.find(':', begin), path.size());
      tried.push_back(path.substr(begin, end - begin) + "/" + file);
      begin = end + 1;
    }
  }
  const auto found = std::ranges::find_if(tried, isProgram);
  if (found != tried.end())
    return *found;
  return Error{.message = fmt::format("the compiler ({}) is missing; looked for {}", kCompiler,
                                      fmt::join(tried, ", ")),
               .advice = "install CANN and source its set_env.sh, or name the file in BISHENG"};
}

Status checkIsaRoot(const std::string& isaRoot) {
  if (isaRoot.empty())
    return Error{.message =
                     "the pto-isa headers are missing: neither PTO_ISA_ROOT nor PTO_LIB_PATH "
                     "is set",
                 .advice = "set PTO_ISA_ROOT to a pto-isa checkout"};
  if (!fs::exists(isaRoot + "/include/" + kMainHeader))
    return Error{.message = fmt::format("the pto-isa headers are missing: there is no "
                                        "{}/include/{}",
                                        isaRoot, kMainHeader),
                 .advice = "set PTO_ISA_ROOT to a pto-isa checkout"};
  return {};
}

Result<Hash> hashHeaders(const std::vector<std::string>& files, const std::string& isaRoot) {
  const std::string root = canonical(isaRoot) + "/";
  std::vector<std::string> lines;
  for (const std::string& file : files) {
    const std::string text = fileText(file);
    if (text.empty() && !fs::exists(file))
      return Error{.message = "a header that the compiler included cannot be read", .file = file};
    const std::string path = canonical(file);
    lines.push_back(fmt::format("{} {}", path.starts_with(root) ? path.substr(root.size()) : path,
                                Hash::of(text).hex()));
  }
  std::ranges::sort(lines);
  return Hash::of(fmt::format("{}", fmt::join(lines, "\n")));
}

Status checkHeaderOrigin(const std::vector<std::string>& files, const std::string& isaRoot) {
  const auto main = std::ranges::find_if(
      files, [](const std::string& file) { return file.ends_with(kMainHeader); });
  const std::string expected = canonical(isaRoot + "/include/" + kMainHeader);
  if (main == files.end())
    return Error{.message =
                     fmt::format("the compiler did not say which {} it included", kMainHeader),
                 .advice = "it must understand -H"};
  if (canonical(*main) != expected)
    return Error{
        .message = fmt::format("the compiler included {} instead of the tree's", canonical(*main)),
        .expected = expected,
        .advice = "CANN ships pto headers of its own, which some flags put first"};
  return {};
}

std::string Toolchain::json() const {
  return nlohmann::json{{"codegen", kCodegenVersion},
                        {"compiler", compilerVersion},
                        {"cann", cann},
                        {"driver", driver}}
      .dump();
}

std::string Toolchain::forWorkers() const {
  return nlohmann::json{{"compiler", compilerVersion}, {"cann", cann}, {"headers", headers.hex()}}
      .dump();
}

Result<Toolchain> Toolchain::fromBuilder(std::string_view text) {
  try {
    const auto all = nlohmann::json::parse(text);
    Toolchain toolchain;
    toolchain.compilerVersion = all.at("compiler").get<std::string>();
    toolchain.cann = all.at("cann").get<std::string>();
    toolchain.headers = Hash::parse(all.at("headers").get<std::string>());
    return toolchain;
  } catch (const nlohmann::json::exception& wrong) {
    return Error{.message =
                     fmt::format("the builder's toolchain is not understood: {}", wrong.what())};
  }
}

Result<Toolchain> identify(const SocProfile& soc, const AscendOptions& options,
                           const std::string& folder) {
  auto compiler = findCompiler(options);
  if (!compiler)
    return compiler.error();
  if (auto status = checkIsaRoot(options.isaRoot); !status)
    return status.error();
  Toolchain found{.compiler = *compiler,
                  .cann = cannVersion(options.home),
                  .driver = valueInFile(options.driverFile, "Version")};
  const auto version = runCommand({*compiler, "--version"}, options.compileLimit);
  if (!version)
    return version.error();
  found.compilerVersion = trimmed(version->output.substr(0, version->output.find('\n')));

  const std::string source = folder + "/headers.cpp";
  std::ofstream(source) << "#include <pto/pto-inst.hpp>\n#include <cstdint>\n";
  const auto command =
      compileCommand(soc, {*compiler, options.isaRoot, source, folder + "/headers.so"});
  if (!command)
    return command.error();
  auto built = runCommand(*command, options.compileLimit);
  if (!built)
    return built.error();
  const std::vector<std::string> headers = takeHeaderList(built->output);
  if (!built->good())
    return Error{.message = fmt::format("the compiler cannot compile the pto-isa headers ({}):\n{}",
                                        built->ending(), lastLines(built->output, kTailLines)),
                 .file = *compiler,
                 .advice = "use a pto-isa tree and a compiler that go together"};
  if (auto status = checkHeaderOrigin(headers, options.isaRoot); !status)
    return status.error();
  const auto hash = hashHeaders(headers, options.isaRoot);
  if (!hash)
    return hash.error();
  found.headers = *hash;
  found.headerCount = headers.size();
  return found;
}

std::string valueInFile(const std::string& file, const std::string& key) {
  std::ifstream lines(file);
  std::string line;
  while (std::getline(lines, line))
    if (const std::size_t equals = line.find('=');
        equals != std::string::npos && trimmed(line.substr(0, equals)) == key)
      return trimmed(line.substr(equals + 1));
  return "";
}

} // namespace ptotune::ascend
