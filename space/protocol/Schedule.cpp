#include "space/protocol/Schedule.h"

#include <fmt/format.h>

namespace ptotune {
namespace {

const char* verb(const Event& event) {
  switch (event.kind) {
  case EventKind::alloc:
    return "TALLOC";
  case EventKind::store:
    return "TSTORE into";
  case EventKind::push:
    return "TPUSH";
  case EventKind::pop:
    return "TPOP";
  case EventKind::load:
    return "TLOAD from";
  case EventKind::free:
    return "TFREE";
  case EventKind::write:
    return "write of";
  case EventKind::read:
    return "read of";
  case EventKind::close:
    return "close of";
  }
  return "";
}

} // namespace

std::string text(const Schedule& schedule, const Event& event) {
  const bool local = event.kind == EventKind::write || event.kind == EventKind::read;
  const auto object = static_cast<std::size_t>(event.object);
  const char* name = local ? schedule.rings[object].name : schedule.fifos[object].name;
  if (event.kind == EventKind::close)
    return fmt::format("{} {}", verb(event), name);
  return fmt::format("{} {} tile {}", verb(event), name, event.tile);
}

} // namespace ptotune
