#include "runners/ascend/Acl.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <map>
#include <mutex>

namespace ptotune::ascend {
namespace {

constexpr const char* kLibrary = "libascendcl.so";
constexpr const char* kAdvice =
    "install CANN and source its set_env.sh, or name the file in PTO_TUNE_ACL";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

template <typename Function>
void find(void* library, const char* name, Function& function, std::string& missing) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  if (function == nullptr)
    missing += (missing.empty() ? "" : ", ") + std::string(name);
}

// The names of functions that the library does not have.
std::string resolve(void* library, AclFunctions& call) {
  std::string missing;
#define PTO_TUNE_FIND(function) find(library, #function, call.function, missing)
  PTO_TUNE_FIND(aclInit);
  PTO_TUNE_FIND(aclFinalize);
  PTO_TUNE_FIND(aclGetRecentErrMsg);
  PTO_TUNE_FIND(aclrtGetSocName);
  PTO_TUNE_FIND(aclrtSetDevice);
  PTO_TUNE_FIND(aclrtResetDevice);
  PTO_TUNE_FIND(aclrtResetDeviceForce);
  PTO_TUNE_FIND(aclrtSetOpExecuteTimeOutV2);
  PTO_TUNE_FIND(aclrtCreateStream);
  PTO_TUNE_FIND(aclrtDestroyStream);
  PTO_TUNE_FIND(aclrtSynchronizeStreamWithTimeout);
  PTO_TUNE_FIND(aclrtMalloc);
  PTO_TUNE_FIND(aclrtFree);
  PTO_TUNE_FIND(aclrtMemcpy);
  PTO_TUNE_FIND(aclrtMemset);
  PTO_TUNE_FIND(aclrtMemsetAsync);
  PTO_TUNE_FIND(aclrtCreateEventExWithFlag);
  PTO_TUNE_FIND(aclrtDestroyEvent);
  PTO_TUNE_FIND(aclrtRecordEvent);
  PTO_TUNE_FIND(aclrtEventElapsedTime);
#undef PTO_TUNE_FIND
  return missing;
}

// One line of what dlopen or dlsym said last.
std::string loaderText() {
  const char* text = ::dlerror();
  return text != nullptr ? text : "no reason given";
}

Result<std::shared_ptr<const Acl>> load(const AclSearch& search) {
  std::string tried;
  for (const std::string& file : search.candidates()) {
    tried += (tried.empty() ? "" : ", ") + file;
    const bool isPath = file.find('/') != std::string::npos;
    if (isPath && !std::filesystem::exists(file))
      continue;
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (library == nullptr) {
      const std::string reason = loaderText();
      if (!isPath)
        continue;
      return Error{.message = "the ACL runtime cannot be loaded: " + reason,
                   .file = file,
                   .advice = "source CANN's set_env.sh, which names the libraries it needs"};
    }
    Acl acl{.file = file};
    if (const std::string missing = resolve(library, acl.call); !missing.empty())
      return Error{.message = fmt::format("the ACL runtime lacks {}", missing),
                   .file = file,
                   .advice = "use a CANN that has these functions"};
    return std::make_shared<const Acl>(std::move(acl));
  }
  return Error{.message =
                   fmt::format("the ACL runtime ({}) is missing; looked for {}", kLibrary, tried),
               .advice = kAdvice};
}

} // namespace

AclSearch AclSearch::fromEnvironment() {
  return {variable("PTO_TUNE_ACL"), variable("ASCEND_HOME_PATH"), variable("LD_LIBRARY_PATH")};
}

std::vector<std::string> AclSearch::candidates() const {
  if (!library.empty())
    return {library};
  std::vector<std::string> files;
  if (!home.empty())
    files.push_back(home + "/lib64/" + kLibrary);
  std::size_t begin = 0;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    if (end > begin)
      files.push_back(path.substr(begin, end - begin) + "/" + kLibrary);
    begin = end + 1;
  }
  files.emplace_back(kLibrary); // where the system's loader looks
  return files;
}

Result<std::shared_ptr<const Acl>> loadAcl(const AclSearch& search) {
  static std::mutex mutex;
  static std::map<std::vector<std::string>, std::shared_ptr<const Acl>> loaded;
  const std::lock_guard lock(mutex);
  std::shared_ptr<const Acl>& known = loaded[search.candidates()];
  if (known == nullptr) {
    auto acl = load(search);
    if (!acl)
      return acl;
    known = *acl;
  }
  return known;
}

} // namespace ptotune::ascend
