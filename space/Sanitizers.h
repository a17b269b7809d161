// Which sanitizers this is built with.
#pragma once

namespace ptotune {

#if defined(__has_feature)
#define PTO_TUNE_HAS_SANITIZER(name) __has_feature(name##_sanitizer)
#else
#define PTO_TUNE_HAS_SANITIZER(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || PTO_TUNE_HAS_SANITIZER(address)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__) || PTO_TUNE_HAS_SANITIZER(thread)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

#undef PTO_TUNE_HAS_SANITIZER

} // namespace ptotune
