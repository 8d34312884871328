// SPDX-License-Identifier: Apache-2.0
#include "system/digest.hpp"

#include "drctl/error.hpp"
#include "system/deleter.hpp"
#include "system/files.hpp"
#include "system/posix_error.hpp"

#include <array>
#include <cerrno>
#include <openssl/evp.h>
#include <unistd.h>
#include <vector>

namespace drctl::system {

struct Sha256::State {
    std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    if (!state_->context || EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) != 1) {
        throw Error(ErrorCode::failed, "cannot compute SHA-256: libcrypto does not offer it");
    }
}

Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> data) {
    if (EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) != 1) {
        throw Error(ErrorCode::bug, "SHA-256 was updated after its end");
    }
}

std::string Sha256::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size) != 1) {
        throw Error(ErrorCode::bug, "SHA-256 was ended twice");
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(std::size_t{2} * size);
    for (unsigned i = 0; i < size; ++i) {
        text += digits[digest[i] >> 4];
        text += digits[digest[i] & 0xF];
    }
    return text;
}

std::string sha256_hex(std::string_view data) {
    Sha256 digest;
    digest.update(std::as_bytes(std::span(data)));
    return digest.hex();
}

std::string sha256_of_file(const std::filesystem::path& path) {
    const auto file = open_for_reading(path);
    Sha256 digest;
    std::vector<std::byte> buffer(std::size_t{256} << 10);
    while (true) {
        const auto count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw posix_error(ErrorCode::failed, "read", path, errno);
        }
        if (count == 0) {
            return digest.hex();
        }
        digest.update(std::span(buffer).first(static_cast<std::size_t>(count)));
    }
}

} // namespace drctl::system
