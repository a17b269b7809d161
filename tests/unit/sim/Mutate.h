// Faults injected into a program: finding instructions in a body, taking them away, moving them.
#pragma once

#include "codegen/program/Program.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace ptotune::test {

using Match = std::function<bool(const program::Instr&)>;

// Where an instruction stands.
struct Spot {
  program::Body* body = nullptr;
  std::size_t index = 0;

  program::Instr& instr() const { return std::get<program::Instr>((*body)[index]); }
};

// All that match, in listing order.
inline std::vector<Spot> findAll(program::Body& body, const Match& match) {
  std::vector<Spot> spots;
  for (std::size_t i = 0; i < body.size(); ++i)
    if (auto* instr = std::get_if<program::Instr>(&body[i])) {
      if (match(*instr))
        spots.push_back({&body, i});
    } else {
      for (const Spot& spot :
           findAll(std::get<std::unique_ptr<program::Loop>>(body[i])->body, match))
        spots.push_back(spot);
    }
  return spots;
}

inline Spot find(program::Body& body, const Match& match, std::size_t nth = 0) {
  const auto spots = findAll(body, match);
  if (nth >= spots.size()) {
    ADD_FAILURE() << "there is no such instruction";
    return findAll(body, [](const program::Instr&) { return true; }).front();
  }
  return spots[nth];
}

// Later spots first, so that earlier ones stay valid.
inline void removeAll(program::Body& body, const Match& match) {
  const auto spots = findAll(body, match);
  for (std::size_t i = spots.size(); i-- > 0;)
    spots[i].body->erase(spots[i].body->begin() + static_cast<std::ptrdiff_t>(spots[i].index));
}

inline void remove(const Spot& spot) {
  spot.body->erase(spot.body->begin() + static_cast<std::ptrdiff_t>(spot.index));
}

// Moves an instruction before another one of the same body.
inline void moveBefore(const Spot& from, const Spot& to) {
  ASSERT_EQ(from.body, to.body);
  program::Node node = std::move((*from.body)[from.index]);
  remove(from);
  const std::size_t target = to.index - (from.index < to.index ? 1 : 0);
  from.body->insert(from.body->begin() + static_cast<std::ptrdiff_t>(target), std::move(node));
}

// Puts a copy of an instruction behind it.
inline void repeat(const Spot& spot) {
  const program::Instr copy = spot.instr();
  spot.body->insert(spot.body->begin() + static_cast<std::ptrdiff_t>(spot.index) + 1,
                    program::Node(copy));
}

inline Match isOp(Op op, const char* stage = nullptr) {
  return [=](const program::Instr& i) {
    return i.kind == program::InstrKind::op && i.shape.op == op &&
           (stage == nullptr || i.stage == stage);
  };
}
inline Match isFifo(program::InstrKind kind, std::int32_t fifo = 0) {
  return [=](const program::Instr& i) { return i.kind == kind && i.fifo == fifo; };
}
inline Match isFlag(Pipe source, Pipe target) {
  return [=](const program::Instr& i) {
    return (i.kind == program::InstrKind::setFlag || i.kind == program::InstrKind::waitFlag) &&
           i.source == source && i.target == target;
  };
}
inline Match isKind(program::InstrKind kind) {
  return [=](const program::Instr& i) { return i.kind == kind; };
}
inline Match both(Match a, Match b) {
  return [=](const program::Instr& i) { return a(i) && b(i); };
}

} // namespace ptotune::test
