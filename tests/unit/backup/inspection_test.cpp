// SPDX-License-Identifier: Apache-2.0
#include "backup/inspection.hpp"

#include "backup/receipt.hpp"
#include "drctl/error.hpp"
#include "system/digest.hpp"
#include "system/files.hpp"
#include "system/units.hpp"

#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drctl::backup {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* dump = R"(--
-- PostgreSQL database dump
--

-- Dumped from database version 15.14
-- Dumped by pg_dump version 15.14

SET client_encoding = 'UTF8';
CREATE TABLE public.t (id integer);
ALTER TABLE public.t OWNER TO shop;
COPY public.t (id) FROM stdin;
1
2
\.


--
-- PostgreSQL database dump complete
--

)";

class InspectionTest : public testing::Test {
  protected:
    std::filesystem::path write(const std::string& content, const std::string& name = "b.sql") {
        system::write_file_atomically(directory.path() / name, content);
        return directory.path() / name;
    }
    Inspection inspect_file(const std::filesystem::path& path, int server_major = 15) {
        InspectContext context{processes, clock, {}};
        context.server_major = server_major;
        context.receipts = directory.path() / "receipts";
        return inspect(candidate_at(path, "UTC", {processes, clock, {}}), context);
    }
    std::string reason_of(const std::string& content) {
        return inspect_file(write(content)).reason;
    }
    /// A --verbose dump of that age, in a file of another.
    std::filesystem::path write_dated(std::chrono::hours started, std::chrono::hours written) {
        auto time = system::format_rfc3339(clock.wall() - started);
        time.replace(time.find('T'), 1, " ").replace(time.find('Z'), 1, " UTC");
        std::string text = dump;
        const auto path =
            write(text.insert(text.find("SET client"), "-- Started on " + time + "\n\n"));
        std::filesystem::last_write_time(path,
                                         std::chrono::file_clock::from_sys(clock.wall() - written));
        return path;
    }
    std::string gzip(const std::string& content) {
        system::ProcessOptions options;
        options.input = content;
        return processes.run({"gzip", "-c"}, options, {}).out;
    }
    system::TemporaryDirectory directory;
    system::SystemProcessRunner processes;
    system::SystemClock clock;
};

TEST_F(InspectionTest, AcceptsAWholeDumpAndSaysWhatIsInIt) {
    const auto path = write(dump);
    const auto inspection = inspect_file(path);
    EXPECT_THAT(inspection.reason, IsEmpty());
    EXPECT_EQ(inspection.sha256, system::sha256_of_file(path));
    ASSERT_EQ(inspection.outline.copies.size(), 1U);
    EXPECT_EQ(inspection.outline.copies[0].rows, 2U);
    EXPECT_EQ(inspection.outline.needs.roles.count("shop"), 1U);
    EXPECT_THAT(inspection.notes, testing::Contains(HasSubstr("integrity not provable")));
}

TEST_F(InspectionTest, NoticesEveryCut) {
    const std::string whole = dump;
    // The comment's frame and blank lines after the last words say nothing any more.
    const auto needed = whole.find("dump complete") + std::string("dump complete").size();
    for (std::size_t length = 1; length < needed; ++length) {
        EXPECT_THAT(reason_of(whole.substr(0, length)), Not(IsEmpty())) << length;
    }
}

TEST_F(InspectionTest, NoticesEveryCutOfACompressedOne) {
    const auto whole = gzip(dump);
    ASSERT_THAT(inspect_file(write(whole, "b.sql.gz")).reason, IsEmpty());
    for (std::size_t length = 1; length < whole.size(); ++length) {
        const auto cut = inspect_file(write(whole.substr(0, length), "c.sql.gz"));
        EXPECT_THAT(cut.reason, Not(IsEmpty())) << length;
    }
}

TEST_F(InspectionTest, NoticesEveryFlippedByteOfACompressedOne) {
    const auto whole = gzip(dump);
    constexpr std::size_t header = 10; // time and system: they say nothing of the content
    for (std::size_t at = header; at < whole.size(); ++at) {
        auto flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ 0xFF);
        EXPECT_THAT(inspect_file(write(flipped, "c.sql.gz")).reason, Not(IsEmpty())) << at;
    }
}

TEST_F(InspectionTest, RejectsWhatIsNoDumpOrNotOnlyData) {
    const std::string whole = dump;
    auto with = [&](const std::string& line) {
        auto changed = whole;
        return changed.insert(whole.find("CREATE TABLE"), line + "\n");
    };
    EXPECT_THAT(reason_of("hello\n"), Not(IsEmpty()));
    EXPECT_THAT(reason_of(with("\\! touch /tmp/x")), Not(IsEmpty()));
    EXPECT_THAT(reason_of(with("\\i /etc/passwd")), Not(IsEmpty()));
    EXPECT_THAT(reason_of(with("\\connect other\n\\connect another")), Not(IsEmpty()));
}

TEST_F(InspectionTest, RejectsTablesWithoutRowsUnlessTheirRowsAreElsewhere) {
    auto without_rows = std::string(dump);
    const auto copy = without_rows.find("COPY");
    without_rows.erase(copy, without_rows.find("\\.\n") + 3 - copy);
    EXPECT_THAT(reason_of(without_rows), HasSubstr("tables only"));
    const auto table = without_rows.find("CREATE TABLE");
    without_rows.replace(table, std::string("CREATE TABLE").size(), "CREATE FOREIGN TABLE");
    EXPECT_EQ(reason_of(without_rows), "");
}

TEST_F(InspectionTest, RejectsADumpOfANewerServer) {
    EXPECT_THAT(inspect_file(write(dump), 14).reason, HasSubstr("15"));
    EXPECT_THAT(inspect_file(write(dump), 15).reason, IsEmpty());
}

TEST_F(InspectionTest, ComparesTheSidecarInBothForms) {
    const auto path = write(dump);
    const auto digest = system::sha256_of_file(path);
    write(digest + "\n", "b.sql.sha256");
    auto inspection = inspect_file(path);
    EXPECT_THAT(inspection.reason, IsEmpty());
    EXPECT_THAT(inspection.notes, IsEmpty());
    write(digest + "  b.sql\n", "b.sql.sha256");
    EXPECT_THAT(inspect_file(write(dump)).reason, IsEmpty());
    write(std::string(64, '0') + "  b.sql\n", "b.sql.sha256");
    EXPECT_THAT(inspect_file(write(dump)).reason, HasSubstr("sha256"));
    write("SHA256 (b.sql) = " + digest + "\n", "b.sql.sha256"); // BSD, and sha256sum --tag
    EXPECT_EQ(inspect_file(path).reason, "");
    write("\\" + digest + "  b\\nb.sql\n", "b.sql.sha256");
    EXPECT_EQ(inspect_file(path).reason, "");
    write("SHA512 (b.sql) = " + digest + "\n", "b.sql.sha256");
    EXPECT_THAT(inspect_file(path).reason, HasSubstr("no sha256"));
    write("no digest\n", "b.sql.sha256");
    EXPECT_THAT(inspect_file(write(dump)).reason, HasSubstr("no sha256"));
}

TEST_F(InspectionTest, ASidecarThatCameLaterCountsInSpiteOfTheReceipt) {
    const auto path = write(dump);
    EXPECT_THAT(inspect_file(path).reason, IsEmpty());
    write(std::string(64, '0') + "\n", "b.sql.sha256");
    const auto second = inspect_file(path);
    EXPECT_TRUE(second.from_receipt);
    EXPECT_THAT(second.reason, HasSubstr("sha256"));
}

TEST_F(InspectionTest, TakesTheTimeFromAVerboseDumpWhereTheNameHasNone) {
    auto verbose = std::string(dump);
    verbose.insert(verbose.find("SET client"), "-- Started on 2026-11-20 02:00:04 UTC\n\n");
    const auto inspection = inspect_file(write(verbose));
    EXPECT_EQ(inspection.candidate.taken_from, TimeSource::content);
    EXPECT_EQ(system::format_rfc3339(inspection.candidate.taken), "2026-11-20T02:00:04Z");
}

TEST_F(InspectionTest, DatesADumpByItsBeginningAlone) {
    const auto date = [&](const std::filesystem::path& path) {
        return date_by_header(candidate_at(path, "UTC", {processes, clock, {}}),
                              {processes, clock, {}});
    };
    const auto path = write_dated(2h, 1h);
    ASSERT_TRUE(date(path));
    EXPECT_EQ(date(path)->taken, inspect_file(path).candidate.taken);
    EXPECT_EQ(date(path)->taken_from, TimeSource::content);
    auto text = system::read_file(path);
    text.resize(text.find("CREATE TABLE"));
    EXPECT_EQ(date(write(text, "cut.sql"))->taken_from, TimeSource::content) << "inspect() sees it";
    EXPECT_EQ(date(write(gzip(text), "b.sql.gz"))->taken_from, TimeSource::content);
    EXPECT_THAT(date(write_dated(1h, 48h))->unusable, HasSubstr("last written"));
    EXPECT_EQ(date(write("PGDMP and so on", "b.dump"))->taken_from, TimeSource::modification);
    EXPECT_FALSE(date(write("hello, no dump", "b.sql.gz"))) << "inspect() says why";
}

TEST_F(InspectionTest, RejectsATimeThatCannotBe) {
    EXPECT_THAT(inspect_file(write_dated(-3h, -4h)).reason, HasSubstr("in the future"));
    EXPECT_THAT(inspect_file(write_dated(1h, 48h)).reason, HasSubstr("last written"));
    const auto clean = inspect_file(write_dated(2h, -48h));
    EXPECT_EQ(clean.reason, "");
    EXPECT_EQ(clean.candidate.taken_from, TimeSource::content);
    const auto path = write(dump);
    std::filesystem::last_write_time(path, std::chrono::file_clock::from_sys(clock.wall() + 48h));
    EXPECT_THAT(inspect_file(path).reason, HasSubstr("in the future"));
    EXPECT_TRUE(inspect_file(path).from_receipt);
    EXPECT_THAT(inspect_file(path).reason, HasSubstr("in the future")) << "by its receipt";
}

TEST_F(InspectionTest, RejectsAFileThatIsBeingWritten) {
    const auto path = write(dump);
    const system::UniqueFd writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    EXPECT_THAT(inspect_file(path).reason, HasSubstr("being written"));
}

TEST_F(InspectionTest, AReceiptMakesTheSecondLookInstantAndEqual) {
    const auto path = write(dump);
    const auto first = inspect_file(path);
    const auto second = inspect_file(path);
    EXPECT_FALSE(first.from_receipt);
    EXPECT_TRUE(second.from_receipt);
    EXPECT_EQ(second.sha256, first.sha256);
    EXPECT_EQ(to_json(second.outline), to_json(first.outline));
    EXPECT_THAT(inspect_file(path, 14).reason, HasSubstr("15")) << "the server may be another";
}

TEST_F(InspectionTest, AReceiptOfAnotherVersionIsNone) {
    const auto path = write(dump);
    inspect_file(path);
    const auto receipts = directory.path() / "receipts";
    for (const auto& entry : std::filesystem::directory_iterator(receipts)) {
        auto text = system::read_file(entry.path());
        const auto at = text.find("\"" + std::string(drctl::version()) + "\"");
        ASSERT_NE(at, std::string::npos) << text;
        system::write_file_atomically(entry.path(), text.replace(at, 1, "\"0."));
    }
    EXPECT_FALSE(last_verdict(receipts, candidate_at(path, "UTC", {processes, clock, {}})));
    EXPECT_FALSE(inspect_file(path).from_receipt);
    EXPECT_TRUE(inspect_file(path).from_receipt);
}

TEST_F(InspectionTest, ANameTooLongForASidecarHasNone) {
    const auto path = directory.path() / (std::string(250, 'b') + ".sql"); // NAME_MAX is 255
    std::ofstream(path) << dump;
    EXPECT_THAT(inspect_file(path).reason, IsEmpty());
}

TEST_F(InspectionTest, EveryVerdictIsRememberedForThoseWhoOnlyAsk) {
    const auto receipts = directory.path() / "receipts";
    const auto known = [&](const std::filesystem::path& path) {
        return last_verdict(receipts, candidate_at(path, "UTC", {processes, clock, {}}));
    };
    const auto path = write(dump);
    EXPECT_FALSE(known(path));
    inspect_file(path, 14);
    ASSERT_TRUE(known(path));
    EXPECT_THAT(known(path)->reason, IsEmpty()) << "another server may be new enough";

    const auto cut = write(std::string(dump, 100), "cut.sql");
    const auto reason = inspect_file(cut).reason;
    ASSERT_TRUE(known(cut));
    EXPECT_EQ(known(cut)->reason, reason);
    write(dump, "cut.sql");
    EXPECT_FALSE(known(cut)) << "another file by now";
}

TEST_F(InspectionTest, ARejectionIsFoundAnewEachTime) {
    const auto path = write(dump);
    system::write_file_atomically(path.string() + ".sha256", std::string(64, '0') + "\n");
    EXPECT_THAT(inspect_file(path).reason, HasSubstr("sha256"));
    std::filesystem::remove(path.string() + ".sha256");
    EXPECT_THAT(inspect_file(path).reason, IsEmpty());
}

TEST_F(InspectionTest, WhatCannotBeLookedAtIsNoVerdict) {
    const auto path = write(dump);
    const system::UniqueFd writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    EXPECT_FALSE(inspect_file(path).lasting);
    EXPECT_FALSE(last_verdict(directory.path() / "receipts",
                              candidate_at(path, "UTC", {processes, clock, {}})));
}

TEST_F(InspectionTest, AReceiptNeedNotBeBelieved) {
    const auto path = write(dump);
    inspect_file(path);
    InspectContext context{processes, clock, {}};
    context.receipts = directory.path() / "receipts";
    context.believe_receipts = false;
    EXPECT_FALSE(inspect(candidate_at(path, "UTC", {processes, clock, {}}), context).from_receipt);
}

TEST_F(InspectionTest, AReceiptIsOfOneStateOfOneFile) {
    const auto path = write(dump);
    inspect_file(path);
    EXPECT_FALSE(inspect_file(write(dump)).from_receipt) << "replaced by an equal one";
    revoke_receipt(directory.path() / "receipts", path);
    EXPECT_FALSE(inspect_file(path).from_receipt);
    for (const auto& receipt : std::filesystem::directory_iterator(directory.path() / "receipts")) {
        system::write_file_atomically(receipt.path(), "{\"version\": 7");
    }
    EXPECT_FALSE(inspect_file(path).from_receipt);
}

} // namespace
} // namespace drctl::backup
