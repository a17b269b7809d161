// Records that the tests of the text formats share, and what they expect of malformed text.
#pragma once

#include "RecordsTest.h"

#include <fmt/format.h>

#include <cstdlib>

namespace ptotune::test {

// What has every kind of content: all statuses, texts that need quoting, bytes that are no UTF-8.
inline Records everything() {
  RandomRecords random(4);
  return random.records(120);
}

// The smallest set with one correct trial.
inline Records oneTrial() {
  const SessionIdentity session{.environment = simEnvironment().hash(),
                                .host = "h",
                                .command = "c",
                                .started = 1'700'000'000'000'000,
                                .nonce = 7};
  return {{simEnvironment()},
          {session},
          {{session.environment, contentId(session), 1'700'000'001'000'002,
            correctTrial(problem(128, 1024), Point(), {0.00123, 1e-5 / 3})}}};
}

// Every status once, on one problem in one environment.
inline Records forT4() {
  Records records = oneTrial();
  for (int status = 1; status < 8; ++status)
    records.trials.push_back({records.trials[0].environment, records.trials[0].session,
                              1'700'000'002'000'000 + status,
                              failedTrial(problem(128, 1024), numberedPoint(status),
                                          static_cast<TrialStatus>(status), "why")});
  return records;
}

inline T4Text mustRenderT4(const Records& records) {
  auto t4 = renderT4(records, "db");
  if (!t4) {
    ADD_FAILURE() << t4.error().text();
    std::abort();
  }
  return *t4;
}

// A change to the text of oneTrial() and what the parser says: line, message, key.
struct Malformed {
  const char* from;
  const char* to;
  int line;
  const char* says;
};

inline void expectRefused(const std::string& text, const Malformed& one,
                          Result<Records> (*parse)(std::string_view, const std::string&)) {
  SCOPED_TRACE(fmt::format("{} -> {}", one.from, one.to));
  const auto parsed = parse(replaced(text, one.from, one.to), "the.file");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().file, "the.file");
  EXPECT_EQ(parsed.error().line, one.line) << parsed.error().text();
  EXPECT_NE(parsed.error().text().find(one.says), std::string::npos) << parsed.error().text();
}

} // namespace ptotune::test
