// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/dump/statement.hpp"

namespace drctl::postgres::dump {

/// Tells a dump's sections apart by the statements that come.
class Sections {
  public:
    /// The section that `statement` (classified) stands in.
    Section enter(const Statement& statement);
    /// The section of a COPY block.
    Section enter_copy();

  private:
    Section section_ = Section::pre_data;
    bool created_ = false; ///< something was created, so that DROPs are no longer --clean's
};

} // namespace drctl::postgres::dump
