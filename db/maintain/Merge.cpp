// What travels between databases, taken in.
#include "db/DatabaseState.h"
#include "db/Records.h"
#include "db/RowWriter.h"

#include <fmt/format.h>

#include <unordered_map>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Transaction;

// Takes in records inside the caller's transaction.
class Taker {
public:
  Taker(RowWriter& writer, const Records& records) : writer_(writer), records_(records) {}

  Result<Taken> take() {
    for (const auto step : {&Taker::environments, &Taker::sessions, &Taker::trials, &Taker::asks,
                            &Taker::rejections, &Taker::proofs, &Taker::notes})
      if (auto done = (this->*step)(); !done)
        return done.error();
    return taken_;
  }

private:
  struct Known {
    std::int64_t key = 0;
    std::string builder;
  };

  Status environments() {
    for (const Environment& environment : records_.environments) {
      auto row = writer_.environment(environment);
      if (!row)
        return row.error();
      taken_.environments += row->added;
      environments_.emplace(environment.hash(), Known{row->key, environment.toolVersion});
    }
    return {};
  }

  Status sessions() {
    for (const SessionIdentity& session : records_.sessions) {
      auto row = writer_.session(session, environments_.at(session.environment).key);
      if (!row)
        return row.error();
      taken_.sessions += row->added;
      sessions_.emplace(contentId(session), row->key);
    }
    return {};
  }

  Status trials() {
    for (const TrialRecord& record : records_.trials) {
      const Known& environment = environments_.at(record.environment);
      auto row = writer_.merge(record.trial, Recorder{.environmentKey = environment.key,
                                                      .environment = record.environment,
                                                      .builder = environment.builder,
                                                      .sessionKey = sessions_.at(record.session),
                                                      .session = record.session,
                                                      .recorded = record.recorded});
      if (!row)
        return row.error();
      ++(row->stored == RowWriter::Stored::added     ? taken_.trials
         : row->stored == RowWriter::Stored::earlier ? taken_.earlier
                                                     : taken_.known);
      if (!records_.asks.empty())
        trials_.emplace(record.id(), row->key);
    }
    return {};
  }

  Status asks() {
    for (const AskRecord& ask : records_.asks) {
      auto changed = writer_.ask(sessions_.at(ask.session), ask.ordinal, trials_.at(ask.trial));
      if (!changed)
        return changed.error();
      taken_.asks += *changed;
    }
    return {};
  }

  Status rejections() {
    for (const RejectionRecord& record : records_.rejections) {
      auto changed = writer_.rejection(record, sessions_.at(record.session));
      if (!changed)
        return changed.error();
      taken_.rejections += *changed;
    }
    return {};
  }

  Status proofs() {
    for (const ProofRecord& record : records_.proofs) {
      auto changed = writer_.proof(record, sessions_.at(record.session));
      if (!changed)
        return changed.error();
      taken_.proofs += *changed;
    }
    return {};
  }

  Status notes() {
    for (const Note& note : records_.notes) {
      auto added = writer_.note(note);
      if (!added)
        return added.error();
      taken_.notes += *added;
    }
    return {};
  }

  RowWriter& writer_;
  const Records& records_;
  Taken taken_;
  std::unordered_map<Hash, Known> environments_;
  std::unordered_map<Hash, std::int64_t> sessions_, trials_;
};

// Records that no database may hold.
Status checkRecords(const std::string& path, const Records& records) {
  if (auto complete = checkReferences(records); !complete) {
    Error error = complete.error();
    error.file = path;
    return error;
  }
  for (const TrialRecord& record : records.trials)
    if (const auto fault = trialFault(record.trial))
      return Error{.message = fmt::format("a trial is refused: it has {}", *fault),
                   .file = path,
                   .key = "trial",
                   .value = record.id().hex(),
                   .advice = "nothing was stored"};
  for (const ProofRecord& record : records.proofs)
    if (const auto fault = proofFault(record.proof))
      return Error{.message = fmt::format("a proof is refused: it has {}", *fault),
                   .file = path,
                   .key = "space",
                   .value = record.proof.space.hex(),
                   .advice = "nothing was stored"};
  for (const Note& note : records.notes)
    if (const auto fault = noteFault(note))
      return Error{.message = fmt::format("a note is refused: it has {}", *fault),
                   .file = path,
                   .key = "note",
                   .value = contentId(note).hex(),
                   .advice = "nothing was stored"};
  return {};
}

} // namespace

Result<Taken> Database::take(const Records& records) {
  if (auto sound = checkRecords(state_->path, records); !sound)
    return sound.error();
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  auto transaction = Transaction::begin(connection, Transaction::Kind::write);
  if (!transaction)
    return transaction.error();
  auto writer = state_->writer();
  if (!writer)
    return writer.error();
  auto taken = Taker(**writer, records).take();
  if (!taken)
    return taken;
  if (auto done = transaction->commit(); !done)
    return done.error();
  return taken;
}

} // namespace ptotune
