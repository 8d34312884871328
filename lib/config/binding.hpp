// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/schema.hpp"
#include "config/types.hpp"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

/// Ties the keys of the schema to the members of the typed structs. A member's type says how a
/// value gets into it, its initialiser is the key's default: neither is written twice.
namespace drctl::config {

// A value that has passed validation, into a member. Calling one with any other is a bug.
void assign(std::string& member, const Value& value);
void assign(fs::path& member, const Value& value);
void assign(Duration& member, const Value& value);
void assign(LossLimit& member, const Value& value);
void assign(std::int64_t& member, const Value& value);
void assign(unsigned& member, const Value& value);
void assign(std::vector<std::string>& member, const Value& value);
void assign(std::vector<Argv>& member, const Value& value);
void assign(SecretSource& member, const Value& value);
void assign(Service::Manager& member, const Value& value);
void assign(StopAt& member, const Value& value);
void assign(Unattended& member, const Value& value);

template <typename T>
void assign(std::optional<T>& member, const Value& value) {
    assign(member.emplace(), value);
}

// A member's initialiser as the value one would write for it; nothing if it is empty.
std::optional<Value> default_from(const std::string& member);
std::optional<Value> default_from(const fs::path& member);
std::optional<Value> default_from(Duration member);
std::optional<Value> default_from(std::int64_t member);
std::optional<Value> default_from(unsigned member);
std::optional<Value> default_from(Service::Manager member);
std::optional<Value> default_from(StopAt member);
std::optional<Value> default_from(Unattended member);

template <typename T>
std::optional<Value> default_from(const std::optional<T>& member) {
    return member ? default_from(*member) : std::nullopt;
}
// Secrets, commands and lists of names have no defaults.
template <typename T>
std::optional<Value> default_from(const std::vector<T>&) {
    return std::nullopt;
}
inline std::optional<Value> default_from(const std::optional<SecretSource>&) {
    return std::nullopt;
}
inline std::optional<Value> default_from(const std::optional<LossLimit>&) {
    return std::nullopt;
}

/// The names of an enumeration's values, for KeyType::choice; empty for other types.
template <typename T>
std::vector<std::string_view> names_of() {
    return {};
}
template <>
std::vector<std::string_view> names_of<Service::Manager>();
template <>
std::vector<std::string_view> names_of<StopAt>();
template <>
std::vector<std::string_view> names_of<Unattended>();

/// A section and how its keys are stored into a Struct.
template <typename Struct>
class Binding {
  public:
    using Store = std::function<void(Struct&, const Value&)>;

    explicit Binding(SectionInfo info) : info_(std::move(info)) {}

    /// A key that is a member.
    template <typename T>
    Binding& key(T Struct::*member, KeyInfo key) {
        key.default_value = default_from(Struct{}.*member);
        key.allowed = names_of<T>();
        return key_by(std::move(key),
                      [member](Struct& into, const Value& value) { assign(into.*member, value); });
    }

    /// A key that is stored in a way of its own. Keys are stored in the order of declaration.
    Binding& key_by(KeyInfo key, Store store) {
        info_.keys.push_back(std::move(key));
        stores_.push_back(std::move(store));
        return *this;
    }

    [[nodiscard]] const SectionInfo& info() const noexcept { return info_; }

    /// Stores the values of `table` that `usable` says are there and valid.
    template <typename Usable>
    void store(Struct& into, const Table& table, const Usable& usable) const {
        for (std::size_t at = 0; at < stores_.size(); ++at) {
            if (usable(info_.keys[at])) {
                stores_[at](into, *table.find(info_.keys[at].name));
            }
        }
    }

  private:
    SectionInfo info_;
    std::vector<Store> stores_;
};

const Binding<State>& state_binding();
const Binding<Service>& service_binding();
const Binding<Health>& health_binding();
const Binding<Database>& database_binding();
const Binding<DatabaseBackups>& backups_binding();
const Binding<Verify>& verify_binding();

} // namespace drctl::config
