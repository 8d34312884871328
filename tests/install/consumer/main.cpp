// SPDX-License-Identifier: Apache-2.0
// What a program outside of this repository does with the library.
#include <cstdio>
#include <cstring>
#include <drctl/error.hpp>
#include <drctl/outcome.hpp>
#include <drctl/version.hpp>

int main() {
    if (std::strcmp(drctl::version(), drctl::header_version) != 0) {
        std::puts("the header and the library are not of one version");
        return 1;
    }
    try {
        throw drctl::Error(drctl::ErrorCode::refused, "cannot open 'door': it is locked", "knock");
    } catch (const drctl::Error& error) {
        if (drctl::exit_code_of(drctl::outcome_of(error.code())) != drctl::ExitCode::refused) {
            std::puts("a refusal does not end with the exit code of refusals");
            return 1;
        }
    }
    std::printf("drctl %s\n", drctl::version());
    return 0;
}
