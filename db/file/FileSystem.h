// Which file system a database lies on.
#pragma once

#include <optional>
#include <string>

namespace ptotune {

// The name of the network file system ("nfs", "smb", "fuse.sshfs", ...) that the file or, where it
// is missing, its directory lies on; nothing when it is a local one or cannot be told.
//
// By statfs(2), and for FUSE, which serves both kinds, by the type in /proc/self/mountinfo.
std::optional<std::string> networkFileSystem(const std::string& path);

// The type of the mount `device` ("8:1") in the text of /proc/self/mountinfo (proc(5)); empty when
// it is not there.
std::string mountType(const std::string& mountinfo, const std::string& device);

// Whether a type of FUSE mount ("fuse.sshfs") is served over a network.
bool isNetworkFuse(const std::string& type);

} // namespace ptotune
