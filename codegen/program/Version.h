// Which compiler a program comes from.
#pragma once

namespace ptotune {

// Changes whenever the builder or a pass may make another program of the same point: results of two
// versions are never compared.
inline constexpr const char* kCodegenVersion = "codegen-2";

} // namespace ptotune
