// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/foreign_key.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

dump::Statement statement(std::string text) {
    dump::Statement result;
    result.text = std::move(text);
    return result;
}

TEST(ForeignKey, IsAddedWithoutLookingAtRows) {
    EXPECT_EQ(
        without_validation(statement("ALTER TABLE ONLY public.a\n    ADD CONSTRAINT k FOREIGN "
                                     "KEY (b) REFERENCES public.b(id) DEFERRABLE;")),
        "ALTER TABLE ONLY public.a\n    ADD CONSTRAINT k FOREIGN KEY (b) REFERENCES "
        "public.b(id) DEFERRABLE NOT VALID;");
}

TEST(ForeignKey, StaysAsItIsWhereItDoesNotLookAnyway) {
    for (const auto* const end : {"NOT VALID;", "NOT ENFORCED;"}) {
        EXPECT_EQ(without_validation(statement(std::string("ALTER TABLE a ADD CONSTRAINT k FOREIGN "
                                                           "KEY (b) REFERENCES b(id) ") +
                                               end)),
                  std::nullopt);
    }
}

} // namespace
} // namespace drctl::postgres::restore
