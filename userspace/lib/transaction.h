// Many changes that the kernel puts in force at one moment, or not at all.
//
// They are staged in batches, and the first refusal ends it. Nothing else may be asked for by the
// same client between begin() and the end.
#pragma once

#include "batch.h"
#include "channel.h"

namespace hg {

class Transaction {
public:
    explicit Transaction(Channel& channel) : channel_(channel) {}

    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    Transaction(Transaction&&) = delete;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction(); // drops what was not committed

    Result<> begin();
    // A change of services or servers. The refusal may be that of one staged before, and says so.
    Result<> stage(const Request& request);
    // What commit() would say. GENERATION is that of the configuration it is all based on.
    Result<> check(std::uint32_t generation);
    // Answers the new generation; the transaction is over, committed or refused.
    Result<std::uint32_t> commit(std::uint32_t generation);

private:
    Result<> send_batch();
    Result<> read_verdicts();
    Result<> end_if_refused(Result<> result);
    [[nodiscard]] Error named(Error error) const;
    void abort();

    Channel& channel_;
    bool is_open_ = false;
    Batch batch_;
    std::vector<Attempt> attempts_; // of all that was staged, for the words of a late refusal
};

// The configuration is not at the generation that a transaction is based on.
[[nodiscard]] bool is_stale(const Error& error);

} // namespace hg
