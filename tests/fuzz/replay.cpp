// SPDX-License-Identifier: Apache-2.0
// Gives every file of the given directories to the fuzz target that it is linked with, once: what
// libFuzzer does with a corpus before it goes on from there, for compilers without it.
#include "system/files.hpp"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
    int inputs = 0;
    for (int directory = 1; directory < argc; ++directory) {
        for (const auto& entry : std::filesystem::directory_iterator(argv[directory])) {
            const auto input = drctl::system::read_file(entry.path());
            std::cout << entry.path().string() << std::endl; // the last one is what it died of
            LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()),
                                   input.size());
            ++inputs;
        }
    }
    return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
