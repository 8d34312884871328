// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "system/process.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace drctl::test {

/// Answers instead of programs. A call is answered by the last rule whose words are the first
/// words of its argv; a call that no rule answers is an Error(unreachable), as a program
/// that is not installed would be. Every call is recorded.
class FakeProcessRunner final : public system::ProcessRunner {
  public:
    struct Call {
        system::Argv argv;
        system::ProcessOptions options;
    };
    using Answer = std::function<system::ProcessResult(const Call&)>;

    static system::ProcessResult exited(int status, std::string out = {}, std::string err = {}) {
        system::ProcessResult result;
        result.exit_status = status;
        result.out = std::move(out);
        result.err = std::move(err);
        return result;
    }

    void on(system::Argv prefix, Answer answer) {
        const std::lock_guard lock(mutex_);
        rules_.emplace_back(std::move(prefix), std::move(answer));
    }
    void on(system::Argv prefix, system::ProcessResult result) {
        on(std::move(prefix), [result = std::move(result)](const Call&) { return result; });
    }

    system::ProcessResult run(const system::Argv& argv, const system::ProcessOptions& options,
                              system::StopToken stop) const override {
        stop.throw_if_requested();
        const Call call{argv, options};
        Answer answer;
        {
            const std::lock_guard lock(mutex_);
            calls_.push_back(call);
            const auto rule =
                std::find_if(rules_.rbegin(), rules_.rend(), [&argv](const auto& candidate) {
                    const auto& prefix = candidate.first;
                    return prefix.size() <= argv.size() &&
                           std::equal(prefix.begin(), prefix.end(), argv.begin());
                });
            if (rule != rules_.rend()) {
                answer = rule->second;
            }
        }
        if (!answer) {
            throw Error(ErrorCode::unreachable,
                        "cannot run '" + joined(argv) + "': no rule for it");
        }
        return answer(call);
    }

    [[nodiscard]] std::vector<Call> calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }
    /// `systemctl stop a.service`, one per call.
    [[nodiscard]] std::vector<std::string> command_lines() const {
        std::vector<std::string> lines;
        for (const auto& call : calls()) {
            lines.push_back(joined(call.argv));
        }
        return lines;
    }
    void forget_calls() {
        const std::lock_guard lock(mutex_);
        calls_.clear();
    }

  private:
    static std::string joined(const system::Argv& argv) {
        std::string line;
        for (const auto& word : argv) {
            line += line.empty() ? word : " " + word;
        }
        return line;
    }

    mutable std::mutex mutex_;
    std::vector<std::pair<system::Argv, Answer>> rules_;
    mutable std::vector<Call> calls_;
};

} // namespace drctl::test
