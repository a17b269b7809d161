// Which points lower to one program, and in which parameters they differ.
//
// Vocabulary
//   class      the points of a problem that lower to one program
//   neighbours two points that differ in one free parameter, and in what follows it, alone
#pragma once

#include "tuner/Parallel.h"
#include "tuner/WorkList.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ptotune {

struct PointProgram {
  Point point;
  Hash program;
};

// The points of the space that a work list holds for a problem; call after lowerAll().
std::vector<PointProgram> programsOf(const WorkList& list, std::uint32_t problem);

// `count` points drawn from the legal ones of a problem, and all their legal neighbours, each once.
// Points that the compiler refuses are left out.
Result<std::vector<PointProgram>> sampleNeighbours(const Job& job, const Problem& problem,
                                                   std::size_t count, std::uint64_t seed,
                                                   Arena& arena);

// Gives a parameter a value, and the same to what follows it.
void assign(Param param, std::int64_t value, const Space& space, Point& point);

// The user's name of a free parameter: the depths are one where they follow each other.
std::string displayName(Param param, const Space& space);

// Neighbours in one parameter: how many pairs, and how many of them have one program.
struct NeighbourCount {
  std::string parameter;
  std::uint64_t pairs = 0;
  std::uint64_t same = 0;
};
// For every free parameter that has such pairs, in declaration order.
std::vector<NeighbourCount> countNeighbours(const Space& space,
                                            const std::vector<PointProgram>& programs);

// Classes whose points differ in the same parameters.
struct ClassKind {
  std::vector<std::string> parameters; // empty: classes of one point
  std::uint64_t classes = 0;
  std::uint64_t points = 0;
};
// The kind with most points first.
std::vector<ClassKind> classKinds(const Space& space, const std::vector<PointProgram>& programs);

} // namespace ptotune
