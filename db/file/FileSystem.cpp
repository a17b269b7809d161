#include "db/file/FileSystem.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <utility>

namespace ptotune {
namespace {

// statfs(2) and linux/magic.h, but for those of file systems outside of the kernel's tree: BeeGFS,
// Lustre and GPFS by their own headers.
constexpr std::pair<std::uint32_t, std::string_view> kNetworks[] = {
    {0x6969, "nfs"},        {0x517B, "smb"},       {0xFF534D42, "cifs"},   {0xFE534D42, "smb"},
    {0x01021997, "9p"},     {0x00C36400, "ceph"},  {0x5346414F, "afs"},    {0x6B414653, "afs"},
    {0x73757245, "coda"},   {0x564C, "ncp"},       {0x0BD00BD0, "lustre"}, {0x47504653, "gpfs"},
    {0x19830326, "beegfs"}, {0x7461636F, "ocfs2"}, {0x01161970, "gfs2"}};
constexpr std::uint32_t kFuse = 0x65735546;

constexpr std::array<std::string_view, 12> kNetworkFuse = {
    "sshfs", "glusterfs", "rclone",   "s3fs",   "gcsfuse",   "curlftpfs",
    "davfs", "mount.s3",  "smbnetfs", "cephfs", "ceph-fuse", "juicefs"};

} // namespace

bool isNetworkFuse(const std::string& type) {
  constexpr std::string_view kPrefix = "fuse.";
  return type.starts_with(kPrefix) &&
         std::ranges::find(kNetworkFuse, std::string_view(type).substr(kPrefix.size())) !=
             kNetworkFuse.end();
}

std::string mountType(const std::string& mountinfo, const std::string& device) {
  std::istringstream lines(mountinfo);
  for (std::string line; std::getline(lines, line);) {
    // id, parent, device, root, mount point, options, optional fields, "-", type, ...
    std::istringstream words(line);
    std::string id;
    std::string parent;
    std::string number;
    words >> id >> parent >> number;
    if (number != device)
      continue;
    std::string word;
    while (words >> word && word != "-") {
    }
    words >> word;
    return word;
  }
  return "";
}

std::optional<std::string> networkFileSystem(const std::string& path) {
  std::error_code code;
  const std::string place = std::filesystem::exists(path, code)
                                ? path
                                : std::filesystem::path(path).parent_path().string();
  struct statfs system{};
  struct stat file{};
  if (::statfs(place.c_str(), &system) != 0 || ::stat(place.c_str(), &file) != 0)
    return std::nullopt;
  const auto magic = static_cast<std::uint32_t>(system.f_type);
  for (const auto& [known, name] : kNetworks)
    if (magic == known)
      return std::string(name);
  if (magic != kFuse)
    return std::nullopt;
  std::ifstream mounts("/proc/self/mountinfo");
  const std::string text{std::istreambuf_iterator<char>(mounts), {}};
  const std::string type =
      mountType(text, fmt::format("{}:{}", major(file.st_dev), minor(file.st_dev)));
  return isNetworkFuse(type) ? std::optional(type) : std::nullopt;
}

} // namespace ptotune
