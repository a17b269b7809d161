// Whole files into a database: everything is read and judged before the database is touched.
#include "db/Database.h"
#include "db/exchange/Exchange.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace ptotune {
namespace {

Result<Taken> takeInto(const std::string& into, const Records& records) {
  auto database = Database::open(into, OpenMode::create);
  if (!database)
    return database.error();
  return database->take(records);
}

Result<std::string> readFile(const std::string& path) {
  std::error_code code;
  const bool folder = std::filesystem::is_directory(path, code);
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file.is_open() && !folder)
    text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  if (!file.is_open() || folder || file.bad())
    return Error{.message = fmt::format("the file cannot be read ({})",
                                        std::strerror(folder ? EISDIR : errno)),
                 .file = path,
                 .advice = "check its name and its permissions"};
  return text;
}

} // namespace

std::optional<RecordFormat> recordFormat(std::string_view name) {
  for (const auto& [format, known] : kRecordFormats)
    if (name == known)
      return format;
  return std::nullopt;
}

Result<RecordFormat> formatOfFile(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".jsonl")
    return RecordFormat::jsonLines;
  if (extension == ".csv")
    return RecordFormat::csv;
  if (extension == ".json")
    return RecordFormat::t4;
  return Error{.message = "the name of the file does not tell its format",
               .file = path,
               .expected = "a name that ends in .jsonl, .csv, or .json (T4)",
               .advice = "name the format with --format jsonl, csv or t4"};
}

Result<Records> readRecords(const std::string& path, RecordFormat format,
                            const T4Defaults& defaults) {
  auto text = readFile(path);
  if (!text)
    return text.error();
  switch (format) {
  case RecordFormat::jsonLines:
    return parseJsonLines(*text, path);
  case RecordFormat::csv:
    return parseCsv(*text, path);
  case RecordFormat::t4:
    break;
  }
  return parseT4(*text, path, defaults);
}

Result<Taken> importFiles(const std::string& into, std::span<const std::string> paths,
                          std::optional<RecordFormat> format, const T4Defaults& defaults) {
  Records all;
  for (const std::string& path : paths) {
    auto own = format ? Result<RecordFormat>(*format) : formatOfFile(path);
    if (!own)
      return own.error();
    auto records = readRecords(path, *own, defaults);
    if (!records)
      return records.error();
    append(all, std::move(*records));
  }
  return takeInto(into, all);
}

Result<Taken> mergeDatabases(const std::string& into, std::span<const std::string> sources) {
  Records all;
  for (const std::string& path : sources) {
    auto source = Database::open(path, OpenMode::readOnly);
    if (!source)
      return source.error();
    auto records = source->records();
    if (!records)
      return records.error();
    if (auto complete = checkReferences(*records); !complete) {
      Error error = complete.error();
      error.file = path;
      return error;
    }
    append(all, std::move(*records));
  }
  return takeInto(into, all);
}

} // namespace ptotune
