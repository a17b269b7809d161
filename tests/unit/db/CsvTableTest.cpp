// Fields that need quotes get them, so that any reader of CSV agrees.
#include "db/exchange/CsvTable.h"

#include <gtest/gtest.h>

namespace ptotune::test {
namespace {

TEST(CsvTable, QuotesWhatNeedsQuotes) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"a", "b"}, "a,b\n"},         {{"", ""}, ",\n"},
      {{"a b", " c "}, "a b, c \n"}, {{"a,b"}, "\"a,b\"\n"},
      {{"a\"b"}, "\"a\"\"b\"\n"},    {{"a\nb"}, "\"a\nb\"\n"},
      {{"a\rb"}, "\"a\rb\"\n"},      {{"\"", "x"}, "\"\"\"\",x\n"},
  };
  for (const auto& [fields, text] : cases) {
    EXPECT_EQ(csvLine(fields), text);
    const auto rows = parseCsvRows(text, "file");
    ASSERT_TRUE(rows) << rows.error().text();
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_EQ(rows->front().fields, fields);
    EXPECT_EQ(rows->front().line, 1);
  }
}

TEST(CsvTable, ReadsEveryLineEnd) {
  for (const char* text :
       {"a,b\nc,\"d\"\n", "a,b\r\nc,\"d\"\r\n", "a,b\n\nc,\"d\"", "a,b\r\nc,d"}) {
    const auto rows = parseCsvRows(text, "file");
    ASSERT_TRUE(rows) << rows.error().text();
    ASSERT_EQ(rows->size(), 2u) << text;
    EXPECT_EQ((*rows)[0].fields, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ((*rows)[1].fields, (std::vector<std::string>{"c", "d"}));
  }
}

} // namespace
} // namespace ptotune::test
