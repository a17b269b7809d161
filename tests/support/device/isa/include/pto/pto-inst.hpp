// In place of pto-isa's header of this name: as much as a launch shim needs on a host.
#pragma once

#include <pto/common/type.hpp>
