// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include "config/key_check.hpp"
#include "config/toml_text.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace drctl::config {
namespace {

TEST(Schema, DescribesEveryKeyWithAnExampleThatIsValid) {
    for (const auto* section : schema()) {
        EXPECT_FALSE(section->description.empty()) << section->header();
        for (const auto& key : section->keys) {
            const auto where = section->header() + " " + std::string(key.name);
            EXPECT_FALSE(key.description.empty()) << where;
            ASSERT_FALSE(key.example.empty()) << where;
            const auto mistake = mistake_in(parse_value(key.example, {}), key);
            EXPECT_FALSE(mistake) << where << " " << mistake->message;
        }
    }
}

TEST(Schema, HasDefaultsThatAreValid) {
    for (const auto* section : schema()) {
        for (const auto& key : section->keys) {
            if (const auto value = default_of(*section, key, "name")) {
                EXPECT_FALSE(mistake_in(*value, key)) << section->header() << " " << key.name;
            }
        }
    }
}

TEST(Schema, RefersOnlyToSectionsAndKeysThatExist) {
    for (const auto* section : schema()) {
        for (const auto& key : section->keys) {
            EXPECT_TRUE(key.refers_to.empty() || find_section(key.refers_to) != nullptr)
                << key.name;
            EXPECT_TRUE(!key.when || section->find(key.when->key) != nullptr) << key.name;
        }
        for (const auto& choice : section->exactly_one) {
            EXPECT_NE(section->find(choice), nullptr) << choice;
        }
    }
}

TEST(Schema, WritesDefaultsAsAPersonWould) {
    const auto default_text = [](std::string_view kind, std::string_view key) {
        const auto* section = find_section(kind);
        return to_toml(default_of(*section, *section->find(key), "shop").value());
    };
    EXPECT_EQ(default_text("health", "timeout"), "\"2s\"");
    EXPECT_EQ(default_text("health", "interval"), "\"500ms\"");
    EXPECT_EQ(default_text("health", "deadline"), "\"60s\"");
    EXPECT_EQ(default_text("service", "timeout"), "\"90s\"");
    EXPECT_EQ(default_text("database", "restore_again_after"), "\"24h\"");
    EXPECT_EQ(default_text("database", "start_deadline"), "\"10m\"");
    EXPECT_EQ(default_text("database", "dbname"), "\"shop\"");
    EXPECT_EQ(default_text("service", "manager"), "\"systemd\"");
}

TEST(Nearest, FindsTheWordThatWasMeant) {
    const std::vector<std::string> words{"dbname", "data_dir", "jobs"};
    EXPECT_EQ(nearest("dbnam", words), "dbname");
    EXPECT_EQ(nearest("datadir", words), "data_dir");
    EXPECT_EQ(nearest("job", words), "jobs");
    EXPECT_EQ(nearest("jbos", words), "jobs");
    EXPECT_EQ(nearest("sentinel", words), std::nullopt);
    EXPECT_EQ(nearest("", words), std::nullopt);
}

} // namespace
} // namespace drctl::config
