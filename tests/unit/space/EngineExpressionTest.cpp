// The expression language: values as CPython gives them, and messages for what is wrong.

#include "space/engine/expr/Evaluate.h"
#include "space/engine/expr/Parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace ptotune::engine;
using testing::HasSubstr;

namespace {

struct ValueCase {
  const char* text;
  Value value;
};

class PythonValues : public testing::TestWithParam<ValueCase> {};

TEST_P(PythonValues, AreTheSame) {
  Names names;
  const auto parsed = parseExpression(GetParam().text, names, "test");
  ASSERT_TRUE(parsed) << parsed.error().text();
  const Outcome outcome = evaluate(*parsed, {});
  ASSERT_EQ(outcome.fault, Fault::none);
  EXPECT_EQ(textOf(names.value(parsed->type(), outcome.cell)), textOf(GetParam().value));
}

std::int64_t operator""_i(unsigned long long value) {
  return static_cast<std::int64_t>(value);
}

// Values by CPython 3.11.7; True and False are written 1 and 0.
INSTANTIATE_TEST_SUITE_P(
    CPython, PythonValues,
    testing::Values(ValueCase{"7 // 2", 3_i}, ValueCase{"-7 // 2", -4_i},
                    ValueCase{"7 // -2", -4_i}, ValueCase{"-7 // -2", 3_i}, ValueCase{"7 % 3", 1_i},
                    ValueCase{"-7 % 3", 2_i}, ValueCase{"7 % -3", -2_i}, ValueCase{"-7 % -3", -1_i},
                    ValueCase{"-6 % 3", 0_i}, ValueCase{"7.5 // 2", 3.0},
                    ValueCase{"-7.5 // 2", -4.0}, ValueCase{"7.5 % -2", -0.5},
                    ValueCase{"-7.5 % 2", 0.5}, ValueCase{"7 / 2", 3.5}, ValueCase{"6 / 3", 2.0},
                    ValueCase{"2 ** 10", 1024_i}, ValueCase{"2 ** -1", 0.5},
                    ValueCase{"-2 ** 2", -4_i}, ValueCase{"(-2) ** 2", 4_i},
                    ValueCase{"2 ** 3 ** 2", 512_i}, ValueCase{"(-8) ** 3", -512_i},
                    ValueCase{"0 ** 0", 1_i}, ValueCase{"9 ** 0.5", 3.0},
                    ValueCase{"2 ** 62", 4611686018427387904_i}, ValueCase{"1 - 2 - 3", -4_i},
                    ValueCase{"64 // 8 // 2", 4_i}, ValueCase{"64 // 8 * 2", 16_i},
                    ValueCase{"2 + 3 * 4", 14_i}, ValueCase{"7 - -3", 10_i}, ValueCase{"--5", 5_i},
                    ValueCase{"+-+5", -5_i}, ValueCase{"~5", -6_i}, ValueCase{"-~5", 6_i},
                    ValueCase{"6 & 3 | 8", 10_i}, ValueCase{"6 ^ 3 & 1", 7_i},
                    ValueCase{"1 << 4 + 1", 32_i}, ValueCase{"-9 >> 1", -5_i}));
INSTANTIATE_TEST_SUITE_P(
    CPythonLogic, PythonValues,
    testing::Values(ValueCase{"1 < 2 < 3", 1_i}, ValueCase{"3 > 2 > 2", 0_i},
                    ValueCase{"1 < 3 > 2", 1_i}, ValueCase{"1 == 1 != 2", 1_i},
                    ValueCase{"5 > 3 == 1", 0_i}, ValueCase{"(5 > 3) == 1", 1_i},
                    ValueCase{"not 0", 1_i}, ValueCase{"not 3 == 3", 0_i},
                    ValueCase{"not not 4", 1_i}, ValueCase{"0 or 5", 5_i}, ValueCase{"4 or 5", 4_i},
                    ValueCase{"0 and 5", 0_i}, ValueCase{"4 and 5", 5_i},
                    ValueCase{"1 and 0 or 7", 7_i}, ValueCase{"1 or 1 // 0", 1_i},
                    ValueCase{"0 and 1 // 0", 0_i}, ValueCase{"3 if 0 else 4", 4_i},
                    ValueCase{"3 if 2 else 4", 3_i}, ValueCase{"1 if 0 else 2 if 0 else 3", 3_i},
                    ValueCase{"(1 if 1 else 1 // 0) + 1", 2_i}, ValueCase{"3 in (1, 2, 3)", 1_i},
                    ValueCase{"3 not in (1, 2, 3)", 0_i}, ValueCase{"2.0 in [1, 2]", 1_i},
                    ValueCase{"4 in {1, 2 + 2, 10 // 5}", 1_i}, ValueCase{"'a' in ('b', 'a')", 1_i},
                    ValueCase{"'a' == \"a\"", 1_i}, ValueCase{"'a' != 'b'", 1_i},
                    ValueCase{"8192 % (256*4) == 0 and 8192//(256*4) >= 8", 1_i},
                    ValueCase{"32 % ((16 * 8)/32) == 0", 1_i}, ValueCase{"12 <= 3*4 <= 12", 1_i}));
INSTANTIATE_TEST_SUITE_P(
    CPythonFunctions, PythonValues,
    testing::Values(ValueCase{"max(1, 2.5, 2)", 2.5}, ValueCase{"min(3, 1, 2)", 1_i},
                    ValueCase{"max(-1, -2) * 2", -2_i}, ValueCase{"abs(-7) % 4", 3_i},
                    ValueCase{"abs(-2.5)", 2.5}, ValueCase{"int(-3.7)", -3_i},
                    ValueCase{"int(7 / 2)", 3_i}, ValueCase{"float(3) / 2", 1.5},
                    ValueCase{"bool(7) + bool(0)", 1_i}, ValueCase{"pow(3, 4)", 81_i},
                    ValueCase{"True + True", 2_i}, ValueCase{"1_000 * 0x10", 16000_i},
                    ValueCase{"0b101 + 0o17", 20_i}, ValueCase{"1e3 // 7", 142.0},
                    ValueCase{".5 * 4.", 2.0}, ValueCase{"3 == 3.0", 1_i},
                    ValueCase{"10 % 3.5", 3.0}, ValueCase{"1 // 0.1", 9.0},
                    ValueCase{"1 % 0.1", 0.09999999999999995},
                    ValueCase{"-1 % 0.1", 5.551115123125783e-17}));
// The signs of C give 0 or 1, and `!` binds as in C.
INSTANTIATE_TEST_SUITE_P(CSigns, PythonValues,
                         testing::Values(ValueCase{"4 && 5", 1_i}, ValueCase{"4 || 0", 1_i},
                                         ValueCase{"0 && 1", 0_i}, ValueCase{"!4 == 0", 1_i},
                                         ValueCase{"not 4 == 0", 1_i},
                                         ValueCase{"!(3 > 2) || 2 < 1", 0_i},
                                         ValueCase{"1 || 0 && 0", 1_i}, ValueCase{"!!7", 1_i},
                                         ValueCase{"3 * !0", 3_i}));

struct FaultCase {
  const char* text;
  Fault fault;
};

class Faults : public testing::TestWithParam<FaultCase> {};

TEST_P(Faults, AreReported) {
  Names names;
  const auto parsed = parseExpression(GetParam().text, names, "test");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(evaluate(*parsed, {}).fault, GetParam().fault);
  EXPECT_FALSE(holds(*parsed, {}));
}

INSTANTIATE_TEST_SUITE_P(
    WherePythonRaises, Faults,
    testing::Values(FaultCase{"1 // 0", Fault::division}, FaultCase{"1 % 0", Fault::division},
                    FaultCase{"1 / 0", Fault::division}, FaultCase{"1.5 // 0", Fault::division},
                    FaultCase{"0 ** -1", Fault::division}, FaultCase{"(-8) ** 0.5", Fault::domain},
                    FaultCase{"1 // (2 - 2) == 0 or 1", Fault::division},
                    FaultCase{"1 or 2 if 1 // 0 else 3", Fault::division},
                    FaultCase{"1 << -1", Fault::domain}, FaultCase{"8 >> -1", Fault::domain},
                    FaultCase{"10.0 ** 400", Fault::overflow},
                    FaultCase{"(1 // 0) in (1, 2)", Fault::division},
                    FaultCase{"5 in (5, 1 // 0)", Fault::division}));
// Python has no bound here; the answer would need more than 64 bits, or lose some in a double.
INSTANTIATE_TEST_SUITE_P(
    Beyond64Bits, Faults,
    testing::Values(FaultCase{"2 ** 63", Fault::overflow},
                    FaultCase{"9223372036854775807 + 1", Fault::overflow},
                    FaultCase{"-9223372036854775807 - 2", Fault::overflow},
                    FaultCase{"4611686018427387904 * 2", Fault::overflow},
                    FaultCase{"-(-9223372036854775807 - 1)", Fault::overflow},
                    FaultCase{"(-9223372036854775807 - 1) // -1", Fault::overflow},
                    FaultCase{"abs(-9223372036854775807 - 1)", Fault::overflow},
                    FaultCase{"1 << 63", Fault::overflow},
                    FaultCase{"(2 ** 53 + 1) * 1.0 > 0", Fault::overflow},
                    FaultCase{"int(1e19)", Fault::overflow}));

struct ErrorCase {
  const char* text;
  const char* message;
  const char* expected;
  const char* advice;
};

class ParserErrors : public testing::TestWithParam<ErrorCase> {};

TEST_P(ParserErrors, NameThePlaceAndWhatIsExpected) {
  const ErrorCase& c = GetParam();
  Names names;
  ASSERT_TRUE(names.add("TILE_S1", {.index = 0}));
  ASSERT_TRUE(names.add("CUBE_S1", {.index = 1}));
  ASSERT_TRUE(names.add("mode", {.type = Type::text, .index = 2}));
  ASSERT_TRUE(names.add("scale", {.type = Type::real, .index = 3}));
  const auto parsed = parseExpression(c.text, names, "constraints[2]");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message, c.message);
  EXPECT_EQ(parsed.error().key, "constraints[2]");
  EXPECT_EQ(parsed.error().value, c.text);
  EXPECT_THAT(parsed.error().expected, HasSubstr(c.expected));
  EXPECT_THAT(parsed.error().advice, HasSubstr(c.advice));
}

INSTANTIATE_TEST_SUITE_P(
    Words, ParserErrors,
    testing::Values(
        ErrorCase{"TILE_S1 = 3", "'=' does not compare at column 9", "'=='", ""},
        ErrorCase{"TILE_S1 <> 3", "unknown sign '<>' at column 9", "'!='", ""},
        ErrorCase{"TILE_S1 === 3", "unknown sign '===' at column 9", "'=='", ""},
        ErrorCase{"TILE_S1 ? 1 : 2", "unknown sign '?' at column 9", "value if condition", ""},
        ErrorCase{"p.TILE_S1 > 1", "members have no meaning here at column 2", "plain name", ""},
        ErrorCase{"TILE_S1 > 'a", "a text without its closing quote at column 11", "", ""},
        ErrorCase{"TILE_S1 > 12ab", "a number runs into a name at column 11", "a sign", ""},
        ErrorCase{"TILE_S1 > 9223372036854775808", "the integer is too large at column 11",
                  "64 bits", ""},
        ErrorCase{"TILE_S1 > 0x", "malformed number at column 11", "", ""},
        ErrorCase{"TILE_S1 $ 2", "unknown sign '$' at column 9", "", ""},
        ErrorCase{"TILE_S1 > \xc3\xa9", "unknown byte 0xc3 at column 11", "", ""}));
INSTANTIATE_TEST_SUITE_P(
    Grammar, ParserErrors,
    testing::Values(
        ErrorCase{"", "the expression ends too early at column 1", "a number, a name or '('", ""},
        ErrorCase{"TILE_S1 %", "the expression ends too early at column 10", "a number, a name",
                  ""},
        ErrorCase{"(TILE_S1 > 1", "the expression ends too early at column 13", "')'", ""},
        ErrorCase{"TILE_S1 > 1)", "unexpected ')' at column 12", "an operator or the end", ""},
        ErrorCase{"TILE_S1 CUBE_S1", "unexpected 'CUBE_S1' at column 9", "an operator", ""},
        ErrorCase{"TILE_S1 > * 2", "unexpected '*' at column 11", "a number, a name or '('", ""},
        ErrorCase{"1 if TILE_S1", "the expression ends too early at column 13", "'else'", ""},
        ErrorCase{"TILE_S1 in 3", "unexpected '3' at column 12", "a list in brackets", ""},
        ErrorCase{"TILE_S1 in (1, 2", "the expression ends too early at column 17", "')'", ""},
        ErrorCase{"TILE_S1 not 3", "unexpected '3' at column 13", "'in'", ""},
        ErrorCase{"(1, 2) == TILE_S1", "a list stands where a value is needed at column 3", "')'",
                  "x in (1, 2)"},
        ErrorCase{"1 < TILE_S1 in (1, 2)", "`in` inside a chain of comparisons at column 13",
                  "brackets", ""},
        ErrorCase{"TILE_S1 == not 1", "unexpected 'not' at column 12", "a number", ""}));
INSTANTIATE_TEST_SUITE_P(
    Meaning, ParserErrors,
    testing::Values(
        ErrorCase{"TILE_S2 % 2 == 0", "unknown name 'TILE_S2' at column 1",
                  "CUBE_S1, TILE_S1, mode, scale", "did you mean 'TILE_S1'?"},
        ErrorCase{"2 < tile_s1", "unknown name 'tile_s1' at column 5", "one of",
                  "did you mean 'TILE_S1'?"},
        ErrorCase{"somethingElse", "unknown name 'somethingElse' at column 1", "one of", ""},
        ErrorCase{"sqrt(TILE_S1) > 2", "unknown function 'sqrt' at column 1", "min, max, abs", ""},
        ErrorCase{"min(TILE_S1) > 2", "min() with 1 arguments at column 1", "at least 2", ""},
        ErrorCase{"abs(1, 2) > 2", "abs() with 2 arguments at column 1", "1", ""},
        ErrorCase{"mode + 1 > 2", "a text stands where a number is needed at column 1", "a number",
                  "==, != and in"},
        ErrorCase{"mode == 1", "a text is compared with a number at column 1", "two texts", ""},
        ErrorCase{"mode < 'b'", "a text stands where a number is needed at column 1", "a number",
                  ""},
        ErrorCase{"TILE_S1 > 1 and mode", "a text stands where a number is needed at column 1",
                  "a number", ""},
        ErrorCase{"mode", "the expression is a text, neither true nor false at column 1",
                  "a comparison", ""},
        ErrorCase{"scale | 1", "a bit operation on a real at column 1", "integers", ""}));

TEST(Parser, RefusesHostileText) {
  Names names;
  const auto messageOf = [&](const std::string& text) {
    const auto parsed = parseExpression(text, names, "test");
    return parsed ? std::string("accepted") : parsed.error().message;
  };
  EXPECT_THAT(messageOf(std::string(1000, '(') + "1"), HasSubstr("nested too deeply"));
  EXPECT_THAT(messageOf(std::string(900, '-') + "1"), HasSubstr("accepted"));
  std::string powers = "1";
  std::string sum = "1";
  std::string chain = "1";
  for (int i = 0; i < 300; ++i)
    powers += "**1";
  for (int i = 0; i < 3000; ++i)
    sum += "+1";
  for (int i = 0; i < 40; ++i)
    chain = "(1<" + chain + "<1)";
  EXPECT_THAT(messageOf(powers), HasSubstr("nested too deeply"));
  EXPECT_THAT(messageOf(sum), HasSubstr("too long"));
  EXPECT_THAT(messageOf(chain), HasSubstr("interwoven"));
}

struct ListCase {
  const char* text;
  std::vector<Value> values;
};

class ValueLists : public testing::TestWithParam<ListCase> {};

TEST_P(ValueLists, AreReadAsPythonDoes) {
  Names texts;
  const auto list = parseValueList(GetParam().text, texts, "Values");
  ASSERT_TRUE(list) << list.error().text();
  std::vector<Value> values;
  for (const Cell cell : list->cells)
    values.push_back(texts.value(list->type, cell));
  EXPECT_EQ(values, GetParam().values);
}

INSTANTIATE_TEST_SUITE_P(
    CPython, ValueLists,
    testing::Values(ListCase{"[1, 2, 4]", {1_i, 2_i, 4_i}}, ListCase{"(8,)", {8_i}},
                    ListCase{"[]", {}}, ListCase{"[2**3, -1, 7 // 2,]", {8_i, -1_i, 3_i}},
                    ListCase{"[1, 0.5]", {1.0, 0.5}}, ListCase{"[True, False]", {1_i, 0_i}},
                    ListCase{"['fp16', \"bf16\"]", {std::string("fp16"), std::string("bf16")}},
                    ListCase{"range(3)", {0_i, 1_i, 2_i}},
                    ListCase{"list(range(2, 9, 3))", {2_i, 5_i, 8_i}},
                    ListCase{"range(3, 0, -1)", {3_i, 2_i, 1_i}},
                    ListCase{"[2**i for i in range(4)]", {1_i, 2_i, 4_i, 8_i}},
                    ListCase{"[i*32 for i in range(1, 6) if i != 3]", {32_i, 64_i, 128_i, 160_i}},
                    ListCase{"[x / 2 for x in [1, 3]]", {0.5, 1.5}},
                    ListCase{"[1] + [2 * i for i in range(1, 4)]", {1_i, 2_i, 4_i, 6_i}},
                    ListCase{"[0.5] + list(range(2)) + []", {0.5, 0.0, 1.0}}));

struct ListErrorCase {
  const char* text;
  const char* message;
};

class ValueListErrors : public testing::TestWithParam<ListErrorCase> {};

TEST_P(ValueListErrors, NameThePlace) {
  Names texts;
  const auto list = parseValueList(GetParam().text, texts, "Values");
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().message, GetParam().message);
  EXPECT_EQ(list.error().key, "Values");
}

INSTANTIATE_TEST_SUITE_P(
    Lists, ValueListErrors,
    testing::Values(ListErrorCase{"1, 2", "unexpected '1' at column 1"},
                    ListErrorCase{"[1, 2", "the list ends too early at column 6"},
                    ListErrorCase{"[1 2]", "unexpected '2' at column 4"},
                    ListErrorCase{"[1] 2", "unexpected '2' at column 5"},
                    ListErrorCase{"[1] + 2", "unexpected '2' at column 7"},
                    ListErrorCase{"[1, 'a']", "texts and numbers in one list at column 9"},
                    ListErrorCase{"[a]", "unknown name 'a' at column 2"},
                    ListErrorCase{"[1 // 0]", "a value cannot be computed at column 8"},
                    ListErrorCase{"range(1, 2, 0)", "malformed range() at column 15"},
                    ListErrorCase{"range(0, 10 ** 9)", "the list is too long at column 18"},
                    ListErrorCase{"[i for in range(3)]", "unexpected 'in' at column 8"},
                    ListErrorCase{"[i + for i in range(3)]", "unexpected 'for' at column 6"}));

} // namespace
