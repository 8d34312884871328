// SPDX-License-Identifier: Apache-2.0
#include "config/key_check.hpp"

#include "config/conninfo.hpp"
#include "system/units.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace drctl::config {
namespace {

using Result = std::optional<Mistake>;

std::string example_hint(const KeyInfo& key) {
    return key.example.empty() ? std::string()
                               : fmt::format("for example: {} = {}", key.name, key.example);
}

Mistake must_be(std::string_view wanted, std::string_view found, const KeyInfo& key) {
    return {fmt::format("must be {}, not {}", wanted, found), example_hint(key)};
}

std::string_view kind_of(const Value& value) {
    if (value.array() != nullptr) {
        return value.array()->empty() ? "an empty array" : "an array of something else";
    }
    return value.kind();
}

Mistake wrong_type(const Value& value, const KeyInfo& key) {
    auto mistake = must_be(description_of(key.type), kind_of(value), key);
    if (value.origin.kind == Origin::Kind::flag && key.type != KeyType::secret) {
        mistake.hint = fmt::format("write the value of --set as in the file, in quotes of its own "
                                   "if it is a string: --set '{}={}'",
                                   value.origin.name, key.example);
    }
    return mistake;
}

/// The wording for a string that has the wrong form.
Mistake wrong_form(const std::string& text, const KeyInfo& key) {
    return must_be(description_of(key.type), in_quotes(text), key);
}

Result check_url(const std::string& text, const KeyInfo& key) {
    const auto scheme = text.find("://");
    const auto name = text.substr(0, scheme == std::string::npos ? 0 : scheme);
    const auto authority = scheme == std::string::npos ? std::string() : text.substr(scheme + 3);
    const auto host = authority.substr(0, authority.find_first_of("/?#"));
    if ((name != "http" && name != "https") || host.empty() ||
        text.find_first_of(" \t\r\n") != std::string::npos) {
        // Not quoted: a mistyped URL may hold a token.
        return must_be(description_of(key.type), "this text", key);
    }
    if (host.find('@') != std::string::npos) {
        return Mistake{"must not contain a user or a password",
                       "configuration is readable by operators; let the endpoint answer without"};
    }
    return std::nullopt;
}

Result check_endpoint(const std::string& text, const KeyInfo& key) {
    const auto colon = text.rfind(':');
    unsigned port = 0;
    if (colon == std::string::npos || colon == 0) {
        return wrong_form(text, key);
    }
    const auto host = text.substr(0, colon);
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
    const bool bare_ipv6 = host.front() != '[' && host.find(':') != std::string::npos;
    const bool open_bracket = host.front() == '[' && host.back() != ']';
    if (parsed.ec != std::errc() || parsed.ptr != end || port == 0 || port > 65535 || bare_ipv6 ||
        open_bracket || host.find_first_of(" \t/") != std::string::npos) {
        return wrong_form(text, key);
    }
    return std::nullopt;
}

Result check_conninfo(const std::string& text, const KeyInfo& key) {
    if (text.rfind("postgres://", 0) == 0 || text.rfind("postgresql://", 0) == 0) {
        return Mistake{"must be keywords and values, not a URI", example_hint(key)};
    }
    const auto keywords = conninfo_keywords(text);
    if (!keywords) {
        // Not quoted: what is malformed may be a password.
        return must_be(description_of(key.type), "this text", key);
    }
    const auto has = [&](std::string_view keyword) {
        return std::find(keywords->begin(), keywords->end(), keyword) != keywords->end();
    };
    for (const std::string_view secret : {"password", "sslpassword"}) {
        if (has(secret)) {
            return Mistake{fmt::format("must not contain {}", secret),
                           "put it into a file of mode 0640 and write: "
                           "password = { file = \"/etc/drctl/NAME.password\" }"};
        }
    }
    if (has("dbname")) {
        return Mistake{"must not contain dbname", "write it as a key of its own: dbname = \"…\""};
    }
    return std::nullopt;
}

Result check_timezone(const std::string& text, const KeyInfo& key) {
    const bool is_name = text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                                                "XYZ0123456789/_+-") == std::string::npos;
    return is_name && text.front() != '/' ? std::nullopt : Result(wrong_form(text, key));
}

Result check_duration(const std::string& text, const KeyInfo& key) {
    const auto parsed = system::parse_duration(text);
    if (!parsed) {
        return wrong_form(text, key);
    }
    if (parsed->count() < key.least) {
        return Mistake{"must be longer than nothing", example_hint(key)};
    }
    return std::nullopt;
}

Result check_loss_limit(const std::string& text, const KeyInfo& key) {
    // A bare number would be a size, but who writes 26 may mean hours.
    const bool has_unit = text.find_first_not_of("0123456789") != std::string::npos;
    return has_unit && (system::parse_duration(text) || system::parse_size(text))
               ? std::nullopt
               : Result(wrong_form(text, key));
}

Result check_choice(const std::string& text, const KeyInfo& key) {
    if (std::find(key.allowed.begin(), key.allowed.end(), text) != key.allowed.end()) {
        return std::nullopt;
    }
    return Mistake{
        fmt::format("must be \"{}\", not {}", fmt::join(key.allowed, "\" or \""), in_quotes(text)),
        {}};
}

Result check_text(const std::string& text, const KeyInfo& key) {
    if (text.empty()) {
        return Mistake{"must not be empty", example_hint(key)};
    }
    if (text.find('\0') != std::string::npos) {
        return Mistake{"must not contain a zero byte", {}};
    }
    switch (key.type) {
    case KeyType::path:
        return text.front() == '/' ? std::nullopt : Result(wrong_form(text, key));
    case KeyType::pattern:
        return text.find('/') == std::string::npos ? std::nullopt : Result(wrong_form(text, key));
    case KeyType::url:
        return check_url(text, key);
    case KeyType::endpoint:
        return check_endpoint(text, key);
    case KeyType::conninfo:
        return check_conninfo(text, key);
    case KeyType::timezone:
        return check_timezone(text, key);
    case KeyType::duration:
        return check_duration(text, key);
    case KeyType::loss_limit:
        return check_loss_limit(text, key);
    case KeyType::choice:
        return check_choice(text, key);
    default:
        return std::nullopt;
    }
}

Result check_integer(const Value& value, const KeyInfo& key) {
    const auto* number = value.integer();
    if (number == nullptr) {
        return wrong_type(value, key);
    }
    if (*number >= key.least && *number <= key.most) {
        return std::nullopt;
    }
    const auto bounds = key.most == INT64_MAX
                            ? fmt::format("at least {}", key.least)
                            : fmt::format("between {} and {}", key.least, key.most);
    return must_be(bounds, std::to_string(*number), key);
}

bool is_strings(const Value& value) {
    const auto* array = value.array();
    return array != nullptr && std::all_of(array->begin(), array->end(), [](const Value& element) {
               return element.string() != nullptr &&
                      element.string()->find('\0') == std::string::npos;
           });
}

bool is_command(const Value& value) {
    return is_strings(value) && !value.array()->empty() &&
           !value.array()->front().string()->empty();
}

Result check_secret(const Value& value, const KeyInfo& key) {
    // Whatever stands here may be the secret itself: no message quotes it.
    const auto* table = value.table();
    if (table == nullptr) {
        return wrong_type(value, key);
    }
    const std::vector<std::string_view> sources{"file", "env", "command", "credential"};
    const auto& entries = table->entries();
    if (entries.size() != 1 ||
        std::find(sources.begin(), sources.end(), entries.front().key) == sources.end()) {
        return Mistake{"must name exactly one source: file, env, command or credential",
                       example_hint(key)};
    }
    const auto& source = entries.front();
    if (source.key == "command") {
        return is_command(source.value)
                   ? std::nullopt
                   : Result(Mistake{"must have a program and its arguments as its command",
                                    fmt::format("for example: {} = {{ command = [\"pass\", "
                                                "\"show\", \"shop\"] }}",
                                                key.name)});
    }
    const auto* name = source.value.string();
    if (name == nullptr || name->empty() || name->find('\0') != std::string::npos ||
        (source.key == "file" && name->front() != '/')) {
        return Mistake{source.key == "file"
                           ? "must name its file by an absolute path"
                           : fmt::format("must name its {} by a string", source.key),
                       example_hint(key)};
    }
    return std::nullopt;
}

} // namespace

std::string_view description_of(KeyType type) noexcept {
    switch (type) {
    case KeyType::text:
        return "a string";
    case KeyType::path:
        return "an absolute path";
    case KeyType::pattern:
        return "a file name pattern without '/'";
    case KeyType::url:
        return "a URL that begins with http:// or https://";
    case KeyType::endpoint:
        return "HOST:PORT";
    case KeyType::conninfo:
        return "a libpq connection string";
    case KeyType::timezone:
        return "the name of a time zone such as \"Europe/Berlin\"";
    case KeyType::integer:
        return "a whole number";
    case KeyType::scalar:
        return "a string, a number, true or false";
    case KeyType::duration:
        return "a duration such as \"2s\", \"15m\" or \"26h\"";
    case KeyType::loss_limit:
        return "a duration such as \"26h\" or a size such as \"16MiB\"";
    case KeyType::choice:
        return "one of the allowed strings";
    case KeyType::names:
        return "an array of names";
    case KeyType::command:
        return "an array of strings: a program and its arguments";
    case KeyType::commands:
        return "an array of arrays of strings: programs and their arguments";
    case KeyType::secret:
        return "a table that says where the secret is";
    }
    return "something else";
}

std::optional<Mistake> mistake_in(const Value& value, const KeyInfo& key) {
    switch (key.type) {
    case KeyType::integer:
        return check_integer(value, key);
    case KeyType::scalar:
        return value.array() != nullptr || value.table() != nullptr ? Result(wrong_type(value, key))
                                                                    : std::nullopt;
    case KeyType::names:
        return is_strings(value) ? std::nullopt : Result(wrong_type(value, key));
    case KeyType::command:
        return is_command(value) ? std::nullopt : Result(wrong_type(value, key));
    case KeyType::commands:
        return value.array() != nullptr &&
                       std::all_of(value.array()->begin(), value.array()->end(), is_command)
                   ? std::nullopt
                   : Result(wrong_type(value, key));
    case KeyType::secret:
        return check_secret(value, key);
    default:
        return value.string() == nullptr ? wrong_type(value, key)
                                         : check_text(*value.string(), key);
    }
}

} // namespace drctl::config
