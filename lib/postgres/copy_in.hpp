// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postgres/connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace drctl::postgres {

/// A running `COPY … FROM STDIN`. Without finish() it is ended as a failure, and the server
/// forgets the rows. At most one write's bytes are kept in memory beside the caller's.
class CopyIn {
  public:
    CopyIn(Connection& connection, std::string_view purpose, const std::string& sql);
    CopyIn(const CopyIn&) = delete;
    CopyIn& operator=(const CopyIn&) = delete;
    ~CopyIn();

    /// Sends bytes as they stand in the data stream; they need not end at a row's end. The
    /// server's verdict on them comes with finish(), so keep what one COPY carries bounded:
    /// a server that refused the first row reads and forgets all others.
    void write(std::string_view data);
    /// Ends the data and waits for the server's verdict. Returns the number of rows.
    std::uint64_t finish();

  private:
    void put(std::string_view piece);

    Connection& connection_;
    std::string purpose_;
    bool open_ = false;
};

} // namespace drctl::postgres
