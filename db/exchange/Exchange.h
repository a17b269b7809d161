// Records as text: JSON lines and CSV, which lose nothing, and T4, the results format that
// auto-tuners share. FORMAT.md describes all three.
//
// Equal records in any order give equal bytes. Parsing fails with one error that names the line and
// what was wrong there; `file` is the name that errors use.
#pragma once

#include "db/Records.h"
#include "space/Result.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ptotune {

std::string renderJsonLines(Records records);
Result<Records> parseJsonLines(std::string_view text, const std::string& file);

// One row per trial: sessions without trials, and their environments, are left out.
std::string renderCsv(Records records);
Result<Records> parseCsv(std::string_view text, const std::string& file);

// A T4 file, and what it cannot express.
struct T4Text {
  std::string text;
  std::size_t pruned = 0; // trials left out, for nothing was evaluated
};
// T4 describes one problem in one environment: fails when the trials have several, or none.
Result<T4Text> renderT4(Records records, const std::string& file);

// What a T4 file of another program does not say. A file that says it wins.
struct T4Defaults {
  std::optional<Environment> environment;
  std::optional<Problem> problem;
};
Result<Records> parseT4(std::string_view text, const std::string& file,
                        const T4Defaults& defaults = {});

enum class RecordFormat { jsonLines, csv, t4 };
inline constexpr std::pair<RecordFormat, std::string_view> kRecordFormats[] = {
    {RecordFormat::jsonLines, "jsonl"}, {RecordFormat::csv, "csv"}, {RecordFormat::t4, "t4"}};

std::optional<RecordFormat> recordFormat(std::string_view name);
// By its extension: .jsonl, .csv, .json (T4).
Result<RecordFormat> formatOfFile(const std::string& path);

Result<Records> readRecords(const std::string& path, RecordFormat format,
                            const T4Defaults& defaults = {});

// Merges files into the database `into`, which is made when it is missing. All of them are read
// before; an error changes nothing. Without a format each file's name tells it.
Result<Taken> importFiles(const std::string& into, std::span<const std::string> paths,
                          std::optional<RecordFormat> format = {}, const T4Defaults& defaults = {});

} // namespace ptotune
