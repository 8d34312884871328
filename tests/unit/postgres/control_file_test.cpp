// SPDX-License-Identifier: Apache-2.0
#include "postgres/control_file.hpp"

#include "system/files.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <isa-l/crc.h>

namespace drctl::postgres {
namespace {

using State = ControlFileReading::State;

/// A control file laid out like PostgreSQL 15's: fields where that version has them.
class ControlFileTest : public testing::Test {
  protected:
    ControlFileTest() : bytes_(8192, '\0') {
        put<std::uint64_t>(0, 7'300'000'000'000'000'001);
        put<std::uint32_t>(8, 1300);
        put<std::uint32_t>(12, 202209061);
        put<std::uint32_t>(16, 1); // shut down
        put<std::int64_t>(24, 1'700'000'000);
        put<double>(crc_at - 80, 1234567.0);
        put<std::uint32_t>(crc_at - 72, 8192);
        put<std::uint32_t>(crc_at - 64, 8192);
        put<std::uint32_t>(crc_at - 60, 16 << 20);
        put<std::uint32_t>(crc_at - 36, 1);
        seal();
    }
    template <typename Value>
    void put(std::size_t offset, Value value) {
        std::memcpy(bytes_.data() + offset, &value, sizeof value);
    }
    void seal() {
        auto* start = reinterpret_cast<unsigned char*>(bytes_.data());
        put<std::uint32_t>(crc_at, ~crc32_iscsi(start, crc_at, ~0U));
    }
    ControlFileReading read() const {
        std::filesystem::create_directories(directory_.path() / "global");
        std::ofstream(directory_.path() / "global" / "pg_control", std::ios::binary)
            .write(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
        return read_control_file(directory_.path());
    }

    static constexpr int crc_at = 288;
    std::string bytes_;
    system::TemporaryDirectory directory_;
};

TEST_F(ControlFileTest, IsReadWhole) {
    const auto reading = read();
    ASSERT_EQ(reading.state, State::good) << reading.evidence;
    EXPECT_EQ(reading.content.system_identifier, 7'300'000'000'000'000'001U);
    EXPECT_EQ(reading.content.catalog_version, 202209061U);
    EXPECT_EQ(name_of(reading.content.cluster_state), "shut down");
    EXPECT_TRUE(reading.content.cleanly_shut_down());
    EXPECT_EQ(reading.content.page_checksum_version, 1U);
    EXPECT_EQ(reading.content.block_size, 8192U);
    EXPECT_EQ(reading.content.wal_segment_size, 16U << 20);
    EXPECT_EQ(std::chrono::system_clock::to_time_t(reading.content.written), 1'700'000'000);
}

TEST_F(ControlFileTest, OfPostgres18HasOneFieldMoreBeforeTheCrc) {
    put<std::uint32_t>(8, 1800);
    put<double>(crc_at - 84, 1234567.0);
    put<std::uint32_t>(crc_at - 76, 4096);
    put<std::uint32_t>(crc_at - 40, 0);
    seal();
    const auto reading = read();
    ASSERT_EQ(reading.state, State::good) << reading.evidence;
    EXPECT_EQ(reading.content.block_size, 4096U);
    EXPECT_EQ(reading.content.page_checksum_version, 0U);
}

TEST_F(ControlFileTest, IsDamagedWhenOneBitDiffers) {
    for (const std::size_t at : {0U, 20U, 100U, 250U, 288U}) {
        bytes_[at] = static_cast<char>(bytes_[at] ^ 4);
        const auto reading = read();
        EXPECT_EQ(reading.state, State::damaged) << at;
        EXPECT_NE(reading.evidence.find("CRC"), std::string::npos) << reading.evidence;
        bytes_[at] = static_cast<char>(bytes_[at] ^ 4);
    }
}

TEST_F(ControlFileTest, IsDamagedWhenCutOrOverwrittenByZeros) {
    bytes_.resize(100);
    EXPECT_EQ(read().state, State::damaged);
    bytes_.assign(8192, '\0');
    EXPECT_EQ(read().state, State::damaged);
}

TEST_F(ControlFileTest, OfAnUnknownFormatIsNoEvidenceOfDamage) {
    put<std::uint32_t>(8, 4242);
    EXPECT_EQ(read().state, State::unknown_format);
    seal();
    put<double>(crc_at - 80, 0);
    seal();
    EXPECT_EQ(read().state, State::unknown_format);
}

TEST_F(ControlFileTest, MayBeMissingOrUnreadable) {
    EXPECT_EQ(read_control_file(directory_.path() / "none").state, State::missing);
    std::filesystem::create_directories(directory_.path() / "global" / "pg_control");
    EXPECT_EQ(read_control_file(directory_.path()).state, State::unreadable);
}

} // namespace
} // namespace drctl::postgres
