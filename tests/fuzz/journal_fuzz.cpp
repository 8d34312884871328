// SPDX-License-Identifier: Apache-2.0
// A journal as bytes. Whatever they are, reading and replaying them ends in a record or in an error
// that calls the journal damaged; and a report that it holds can be printed.
#include "drctl/error.hpp"
#include "engine/journal.hpp"
#include "engine/run_record.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace drctl;
using fuzz::require;

void look_at(const engine::RunRecord& record) {
    static_cast<void>(record.rung_under_way());
    static_cast<void>(record.undoable());
    static_cast<void>(record.replaced_something());
    if (record.report) {
        static_cast<void>(to_json(*record.report));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        look_at(engine::replay(engine::parse_journal(text, "journal.jsonl")));
    } catch (const Error& error) {
        require(error.code() == ErrorCode::damaged, "what is no journal is damaged");
    }
    return 0;
}
