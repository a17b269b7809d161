#pragma once

#include <cstdint>

#define __gm__

using half = std::uint16_t;
