// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/bytes_view.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pvh::test {

/// A fresh folder that goes away with everything in it.
class TempFolder {
  public:
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "pvh-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"mkdtemp " + name};
        path_ = name;
    }

    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    TempFolder(TempFolder&&) = delete;
    TempFolder& operator=(TempFolder&&) = delete;

    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string operator/(std::string_view name) const {
        return (path_ / name).string();
    }

    /// Writes a file and returns its path.
    [[nodiscard]] std::string file(std::string_view name, BytesView content) const {
        std::ofstream out{path_ / name, std::ios::binary | std::ios::trunc};
        out.write(reinterpret_cast<const char*>(content.data()),
                  static_cast<std::streamsize>(content.size()));
        return *this / name;
    }

  private:
    std::filesystem::path path_;
};

} // namespace pvh::test
