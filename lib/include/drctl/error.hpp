// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/export.hpp"

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace drctl {

/// What kind of failure it is, seen by the person who typed the command.
/// The program turns it into an exit code; see drctl/outcome.hpp for the table.
enum class ErrorCode {
    bug,         ///< drctl is wrong: an invariant of its own does not hold
    usage,       ///< the command line or the configuration is wrong; nothing was done
    refused,     ///< a precondition or a consent is missing; nothing was changed
    failed,      ///< a step failed; the runner decides what can be undone
    locked,      ///< another run holds the lock
    unreachable, ///< something needed could not be reached; worth a retry
    damaged,     ///< data read is not what was written: checksum, structure, truncation
    timed_out,   ///< a deadline passed; what became of the request is not known
    interrupted, ///< a person or the system asked us to stop
};

/// The one error type. Message: lowercase `cannot X 'name': cause`.
/// Hint: what to type next, or empty. Neither carries secrets or row data.
class DRCTL_API Error : public std::exception {
  public:
    using Context = std::vector<std::pair<std::string, std::string>>;

    Error(ErrorCode code, std::string message, std::string hint = {});

    /// Adds one named piece of evidence (for example {"sqlstate", "57P03"}).
    Error&& with(std::string key, std::string value) &&;
    /// The same, for an error that is not thrown at once.
    void add_context(std::string key, std::string value);
    /// Marks the failure as one that a repetition may cure, without side effects.
    Error&& as_retryable() &&;

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
    [[nodiscard]] const Context& context() const noexcept { return context_; }
    [[nodiscard]] bool retryable() const noexcept { return retryable_; }
    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

    /// The value of a context key, or an empty string.
    [[nodiscard]] std::string context_value(const std::string& key) const;

  private:
    ErrorCode code_;
    std::string message_;
    std::string hint_;
    Context context_;
    bool retryable_ = false;
};

/// The library's version, as MAJOR.MINOR.PATCH.
DRCTL_API const char* version() noexcept;

} // namespace drctl
