// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drctl/error.hpp"
#include "system/http.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace drctl::test {

/// Answers instead of servers, in the order given; the last one stays. Without any, requests
/// were never sent. Every request is recorded.
class FakeHttpClient final : public system::HttpClient {
  public:
    void answer(system::HttpResult result) {
        const std::lock_guard lock(mutex_);
        answers_.push_back(std::move(result));
    }
    void answer(long status, std::string body = {}) {
        answer(system::HttpResponse{status, {}, std::move(body)});
    }

    system::HttpResult send(const system::HttpRequest& request, system::StopToken stop) override {
        stop.throw_if_requested();
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        if (answers_.empty()) {
            return system::HttpFailure{system::HttpFailure::Kind::never_sent, "no network"};
        }
        auto result = answers_.front();
        if (answers_.size() > 1) {
            answers_.pop_front();
        }
        return result;
    }

    [[nodiscard]] std::vector<system::HttpRequest> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

  private:
    mutable std::mutex mutex_;
    std::deque<system::HttpResult> answers_;
    std::vector<system::HttpRequest> requests_;
};

} // namespace drctl::test
