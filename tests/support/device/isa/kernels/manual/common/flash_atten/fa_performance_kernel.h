// In place of upstream's header of this name: the constants that a launch of its kernel names.
#pragma once

#include <cstddef>
#include <cstdint>

#define __global__
#define AICORE

constexpr int kFaCvFifoSize = 8;
constexpr int kFaCvFifoConsSyncPeriod = 4;
constexpr std::size_t kFaCvCommSlotBytes = 512;
