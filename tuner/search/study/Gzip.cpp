#include "tuner/search/study/Gzip.h"

#include <memory>
#include <zlib.h>

namespace ptotune::search {

Result<std::string> readMaybeGzip(const std::string& path) {
  constexpr unsigned kBlock = 1U << 18U;
  // gzread() passes plain files through.
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(gzopen(path.c_str(), "rb"), gzclose);
  if (!stream)
    return Error{.message = "the file cannot be read", .file = path};
  std::string text;
  std::string block(kBlock, '\0');
  int size = 0;
  while ((size = gzread(stream.get(), block.data(), kBlock)) > 0)
    text.append(block, 0, static_cast<std::size_t>(size));
  int state = Z_OK;
  (void)gzerror(stream.get(), &state);
  if (size < 0 || (state != Z_OK && state != Z_STREAM_END))
    return Error{.message = "the file is damaged", .file = path, .expected = "text, or gzip"};
  return text;
}

} // namespace ptotune::search
