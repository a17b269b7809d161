#include "runners/ascend/CompileCommand.h"

#include <algorithm>
#include <set>

namespace ptotune::ascend {
namespace {

// A core's code generation, by SocProfile::architecture.
struct Architecture {
  const char* name;
  const char* npuArch;
  const char* coreArch;    // the same core, as CANN's older option has it
  const char* memoryModel; // macro that selects pto-isa's implementation
};
constexpr Architecture kA2A3{"a2a3", "dav-2201", "dav-c220", "MEMORY_BASE"};

// Options of the device code generator, each behind its own -mllvm.
constexpr const char* kCodeGenerator[] = {
    "-cce-aicore-stack-size=0x8000", "-cce-aicore-function-stack-size=0x8000",
    "-cce-aicore-record-overflow=true", "-cce-aicore-addr-transform",
    "-cce-aicore-dcci-insert-for-scalar=false"};

Status checkArchitecture(const SocProfile& soc) {
  if (soc.architecture == kA2A3.name)
    return {};
  return Error{.message = "kernels cannot be built for " + soc.name,
               .key = "architecture",
               .value = soc.architecture,
               .expected = "a2a3",
               .advice = "choose an A2 or A3 target; A5 (dav-3510) has another memory model, "
                         "for which no kernel is emitted"};
}

// What every compile command ends with.
void addCommon(const CompileInput& input, const std::string& output,
               std::vector<std::string>& command) {
  for (const char* option : kCodeGenerator)
    command.insert(command.end(), {"-mllvm", option});
  command.insert(command.end(), {"-Wno-macro-redefined", "-Wno-ignored-attributes", "-H",
                                 "-I" + input.isaRoot + "/include"});
  for (const std::string& folder : input.includes)
    command.push_back("-I" + folder);
  command.insert(command.end(), {"-o", output, input.source});
}

} // namespace

Result<std::vector<std::string>> compileCommand(const SocProfile& soc, const CompileInput& input) {
  if (auto status = checkArchitecture(soc); !status)
    return status.error();
  std::vector<std::string> command = {input.compiler,
                                      "-fPIC",
                                      "-shared",
                                      "-O2",
                                      "-std=gnu++17",
                                      "-xcce",
                                      "-Xhost-start",
                                      "-Xhost-end",
                                      "-cce-enable-mix",
                                      std::string("--npu-arch=") + kA2A3.npuArch,
                                      std::string("-D") + kA2A3.memoryModel};
  addCommon(input, input.library, command);
  return command;
}

Result<ManualCommands> manualCommands(const SocProfile& soc, const CompileInput& input) {
  if (auto status = checkArchitecture(soc); !status)
    return status.error();
  const std::string object = input.library + ".o";
  ManualCommands commands;
  commands.compile = {input.compiler,
                      "-fPIC",
                      "-c",
                      "-O2",
                      "-std=c++17",
                      "-xcce",
                      "-Xhost-start",
                      "-Xhost-end",
                      "--cce-pto-enable",
                      std::string("--cce-aicore-arch=") + kA2A3.coreArch};
  addCommon(input, object, commands.compile);
  commands.link = {input.compiler, "-fPIC",       "-shared", "--cce-fatobj-link",
                   "-o",           input.library, object};
  return commands;
}

std::vector<std::string> takeHeaderList(std::string& output) {
  std::vector<std::string> files;
  std::set<std::string> seen;
  std::string rest;
  for (std::size_t begin = 0; begin < output.size();) {
    const std::size_t end = std::min(output.find('\n', begin), output.size());
    const std::string line = output.substr(begin, end - begin);
    const std::size_t dots = line.find_first_not_of('.');
    if (dots != std::string::npos && dots > 0 && line[dots] == ' ') {
      const std::string file = line.substr(dots + 1);
      if (seen.insert(file).second)
        files.push_back(file);
    } else {
      rest += line + "\n";
    }
    begin = end + 1;
  }
  output = std::move(rest);
  return files;
}

} // namespace ptotune::ascend
