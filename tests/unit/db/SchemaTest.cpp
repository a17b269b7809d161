// The file's marks, the strictness of its tables, and migrations.
#include "db/Schema.h"

#include "DbTest.h"

namespace ptotune::test {
namespace {

TEST(Schema, FileIsMarkedAndStrict) {
  const TempDir directory;
  const std::string path = directory.path("results.db");
  {
    Database database = mustOpen(path);
    mustRecord(database, mustBegin(database), {correctTrial(problem(128, 1024), Point(), {1e-6})});
  }
  const std::string header = readBytes(path).substr(0, 100);
  EXPECT_EQ(header.substr(68, 4), "PTOT");                     // application_id
  EXPECT_EQ(header.substr(60, 4), std::string("\0\0\0\3", 4)); // user_version
  EXPECT_EQ(header.substr(18, 2), "\2\2");                     // write and read version: WAL
  RawDatabase raw(path);
  EXPECT_EQ(raw.rows("SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0"
                     " AND name NOT LIKE 'sqlite_%'"),
            std::vector<std::string>());
  EXPECT_EQ(raw.rows("SELECT name FROM pragma_table_list WHERE strict = 1 ORDER BY name"),
            (std::vector<std::string>{"ask", "environment", "kernel", "note", "point", "problem",
                                      "proof", "rejection", "sample", "session", "trial"}));
  EXPECT_EQ(raw.value("PRAGMA integrity_check"), "ok");
  EXPECT_TRUE(raw.rows("PRAGMA foreign_key_check").empty());
}

TEST(Schema, ConnectionsEnforceForeignKeys) {
  const TempDir directory;
  const std::string path = directory.path("results.db");
  {
    mustOpen(path);
  }
  auto connection = sqlite::Connection::open(path, SQLITE_OPEN_READWRITE, path);
  ASSERT_TRUE(connection);
  const Status orphan =
      (*connection)->exec("INSERT INTO sample (trial, ordinal, seconds) VALUES (1, 0, 1.0)");
  ASSERT_FALSE(orphan);
  EXPECT_NE(orphan.error().message.find("FOREIGN KEY"), std::string::npos);
}

constexpr Migration kSteps[] = {
    {"one", "CREATE TABLE one (x INTEGER) STRICT"},
    {"two", "CREATE TABLE two (x INTEGER) STRICT; INSERT INTO one VALUES (2)"},
    {"broken", "CREATE TABLE three (x INTEGER) STRICT; INSERT INTO missing VALUES (1)"},
};

TEST(Migrations, EachStepIsWholeOrAbsent) {
  const TempDir directory;
  const std::string path = directory.path("file.db");
  auto connection =
      sqlite::Connection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path);
  ASSERT_TRUE(connection);
  const Status migrated = migrate(**connection, kSteps);
  ASSERT_FALSE(migrated);
  EXPECT_NE(migrated.error().message.find("version 3 (broken)"), std::string::npos)
      << migrated.error().text();
  EXPECT_EQ(migrated.error().file, path);
  RawDatabase raw(path);
  EXPECT_EQ(raw.value("PRAGMA user_version"), "2");
  EXPECT_EQ(raw.rows("SELECT name FROM sqlite_schema ORDER BY name"),
            (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(raw.rows("SELECT x FROM one"), std::vector<std::string>{"2"});
}

TEST(Migrations, OnlyMissingStepsRun) {
  const TempDir directory;
  const std::string path = directory.path("file.db");
  auto connection =
      sqlite::Connection::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path);
  ASSERT_TRUE(connection);
  const std::span<const Migration> steps(kSteps, 2);
  ASSERT_TRUE(migrate(**connection, steps.first(1)));
  EXPECT_EQ(*(*connection)->integer("PRAGMA user_version"), 1);
  ASSERT_TRUE(migrate(**connection, steps));
  ASSERT_TRUE(migrate(**connection, steps));
  EXPECT_EQ(*(*connection)->integer("PRAGMA user_version"), 2);
  EXPECT_EQ(*(*connection)->integer("SELECT count(*) FROM one"), 1);
}

// Steps that shipped never change: a file made by them could not be told from one of today.
TEST(Migrations, VersionsOfThisRelease) {
  EXPECT_EQ(schemaVersion(), 3);
  EXPECT_EQ(migrations().size(), 3u);
  EXPECT_EQ(Hash::of(migrations()[0].sql).hex(), "fc0999eff56ddd97bd72f9d564fe9381");
  EXPECT_EQ(Hash::of(migrations()[1].sql).hex(), "968c9288685a57795047e0dbf011db62");
  EXPECT_EQ(Hash::of(migrations()[2].sql).hex(), "cf16cb6ae2978c4fb0e932b4c7d4af18");
}

} // namespace
} // namespace ptotune::test
