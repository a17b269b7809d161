// Programs as text: what is written is what is read, and a text that is not whole is refused.
#include "codegen/program/Serial.h"

#include "SmallProgram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace ptotune::program {
namespace {

using testing::HasSubstr;

Program withEverything() {
  Program p = smallProgram();
  p.parts = 2;
  p.unitsPerBlock = 2;
  p.tensors[static_cast<std::size_t>(Tensor::q)] = {0, 1, DType::f32};
  instrOf(p, 0).scalar = -std::numeric_limits<double>::infinity();
  instrOf(p, 3).scalar = 0.1 + 0.2;
  instrOf(p, 3).rounding = Rounding::tiesAway;
  instrOf(p, 3).stage = "2:two words ";
  loopOf(p).name = "";
  p.next = std::make_unique<Program>(smallProgram());
  p.next->name = "second";
  return p;
}

TEST(Serial, WhatIsWrittenIsRead) {
  const Program programs[] = {smallProgram(), withEverything(), Program()};
  for (const Program& program : programs) {
    const std::string text = serialize(program);
    EXPECT_THAT(text, testing::Not(HasSubstr("\n")));
    const auto read = deserialize(text);
    ASSERT_TRUE(read.ok()) << read.error().text();
    EXPECT_EQ(serialize(*read), text);
    EXPECT_EQ(print(*read), print(program));
    EXPECT_EQ(programHash(*read), programHash(program));
  }
  const auto read = deserialize(serialize(withEverything()));
  ASSERT_TRUE(read.ok());
  const auto& loop = *std::get<std::unique_ptr<Loop>>(read->cube.front());
  const auto& store = std::get<Instr>(loop.body[3]);
  EXPECT_EQ(store.scalar, 0.1 + 0.2);
  EXPECT_EQ(store.stage, "2:two words ");
  EXPECT_EQ(store.view.rowStride, 256);
  EXPECT_EQ(std::get<Instr>(loop.body[0]).scalar, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(read->next->name, "second");
}

TEST(Serial, ATextThatIsCutAnywhereIsRefused) {
  const std::string text = serialize(smallProgram());
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto read = deserialize(text.substr(0, size));
    // The last number may lose a digit and stay a number.
    EXPECT_TRUE(!read.ok() || serialize(*read) != text) << size;
  }
  EXPECT_THAT(deserialize(text.substr(0, text.size() / 2)).error().text(),
              HasSubstr("a program's text is not understood: byte "));
}

TEST(Serial, NamesWhatIsWrong) {
  const std::string text = serialize(smallProgram()); // "5:small 9 0 0 -1 -1 ..."
  ASSERT_TRUE(text.starts_with("5:small 9 0 0 -1 -1 0 1")) << text;
  const auto with = [&](const std::string& front) {
    return deserialize(front + text.substr(std::string("5:small 9 0 0 -1 -1").size()))
        .error()
        .text();
  };
  EXPECT_THAT(with("x:small 9 0 0 -1 -1"), HasSubstr("byte 0: expected a number"));
  EXPECT_THAT(with("5:small 9 99 0 -1 -1"), HasSubstr("byte 10: expected another number"));
  EXPECT_THAT(with("5:small 9 0 zero -1 -1"), HasSubstr("byte 12: expected a number"));
  EXPECT_THAT(with("5:small 99999999 0 0 -1 -1"), HasSubstr("byte 8: expected another number"));
  EXPECT_THAT(with("999999:small 9 0 0 -1 -1"), HasSubstr("expected a whole string"));
  EXPECT_THAT(deserialize(text + " 1").error().text(), HasSubstr("it goes on at byte "));
}

} // namespace
} // namespace ptotune::program
