// Records as CSV and back, and rows that are malformed.
#include "ExchangeRecords.h"

namespace ptotune::test {
namespace {

// The heading is frozen: FORMAT.md promises it.
TEST(Csv, IsAsDocumented) {
  const std::string text = renderCsv(oneTrial());
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "soc,soc_hash,runner,runner_version,toolchain,tool_version,host,command,started,nonce,"
            "recorded,causal,dtype,family,head,s0,s1,TILE_S1,CUBE_S1,CUBE_S0,QK_PRELOAD,SlotNumQK,"
            "SlotNumP,SlotNumPV,LocalSlotNum,EN_UNIT_FLAG,PIPE_MODEL,EXP_RING,VEC_ORDER,KV_SPLIT,"
            "status,calibrated,detail,source,program,prepare_seconds,measure_seconds,seconds,"
            "cores,frequency,isa_hash,device,searcher,seed,options,bound,ordinal");
  const Trial trial = oneTrial().trials[0].trial;
  EXPECT_EQ(text.substr(text.find('\n') + 1),
            "Ascend910B2," + Hash::of("profile").hex() +
                ",sim,1,,0.1.0,h,c,1700000000000000,7,1700000001000002,false,f16,fa,128,128,1024,"
                "256,128,128,4,8,8,8,2,1,slot,8,p_first,1,correct,true,," +
                trial.sourceHash.hex() + "," + trial.programHash.hex() +
                ",0.25,0.5,0.00123 3.3333333333333337e-06,0,0,,,,0,,0,\n");
}

TEST(Csv, ColumnsMayStandInAnyOrder) {
  const std::string text = renderCsv(oneTrial());
  // The first column, "soc", moves to the end.
  std::string moved = replaced(text, "\nAscend910B2,", "\n");
  moved = replaced(moved, ",0,\n", ",0,,Ascend910B2\n");
  moved = replaced(moved, ",ordinal\n", ",ordinal,soc\n");
  moved = replaced(moved, "soc,soc_hash", "soc_hash");
  const auto parsed = parseCsv(moved, "file");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(renderCsv(*parsed), text);
}

// The columns that version 1 of the schema had, as an older pto-tune wrote them.
TEST(Csv, LaterColumnsMayBeLeftOut) {
  const std::string text = renderCsv(oneTrial());
  std::string older = replaced(
      text, ",cores,frequency,isa_hash,device,searcher,seed,options,bound,ordinal\n", "\n");
  older = replaced(older, ",0,0,,,,0,,0,\n", "\n");
  const auto parsed = parseCsv(older, "file");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(renderCsv(*parsed), text);
}

TEST(Csv, MalformedRowsAreNamed) {
  const Malformed cases[] = {
      {"soc,", "sox,", 1, "the heading has an unknown column [sox]"},
      {"soc,soc_hash", "soc_hash", 1, "the heading misses a column [soc]"},
      {"host,command", "host,host", 1, "the heading has a column twice [host]"},
      {"\nAscend910B2,", "\n", 2, "another number of fields than the heading [46]; expected 47"},
      {",h,c,", ",h,\"c,", 2, "a quoted field is not closed"},
      {",h,c,", ",h,\"c\"d,", 2, "goes on behind its closing quote"},
      {",h,c,", ",h,c\"d,", 2, "a quote stands inside a field"},
      {",7,", ",seven,", 2, "[nonce = seven]; expected an integer"},
      {"false,f16", "no,f16", 2, "[causal = no]; expected 0 or 1"},
      {"f16", "f64", 2, "[dtype = f64]; expected f16"},
      {"p_first", "first", 2, "[VEC_ORDER = first]"},
      {",256,", ",256.0,", 2, "[TILE_S1 = 256.0]; expected an integer"},
      {",correct,", ",wrong,", 2, "[status = wrong]; expected correct, constraints"},
      {",true,", ",yes,", 2, "[calibrated = yes]; expected true or false"},
      {"0.00123 ", "0.00123;", 2, "expected a number"},
      {"0.00123 ", "-0.00123 ", 2, "a sample of -0.00123 s"},
      {"0.00123 ", "nan ", 2, "a sample of nan s"},
      {",0.25,", ",,", 2, "[prepare_seconds]; expected a number"},
      {",0,0,,,,0,,0,\n", ",x,0,,,,0,,0,\n", 2, "[cores = x]; expected an integer"},
      {",0,,0,\n", ",0,,-1,\n", 2, "a bound of -1 s"},
      {",0,,0,\n", ",0,,0,-1\n", 2, "[ordinal = -1]; expected zero or more"},
      {",correct,", ",hang,", 2, "only correct trials have samples"},
  };
  const std::string text = renderCsv(oneTrial());
  for (const Malformed& one : cases)
    expectRefused(text, one, parseCsv);
  EXPECT_FALSE(parseCsv("", "f"));
}

TEST(Csv, LinesAreCountedThroughQuotedLineBreaks) {
  Records records = oneTrial();
  records.trials[0].trial =
      failedTrial(problem(128, 1024), Point(), TrialStatus::compile, "one\ntwo\n\"three\"");
  std::string text = renderCsv(records);
  ASSERT_TRUE(parseCsv(text, "f"));
  const auto parsed = parseCsv(text + "1,2\n", "f");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().line, 5);
}

} // namespace
} // namespace ptotune::test
