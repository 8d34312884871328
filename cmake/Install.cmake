# SPDX-License-Identifier: Apache-2.0
# Installs the program, the library, its headers, and what consumers need to find it.
include(CMakePackageConfigHelpers)

install(TARGETS drctl_library EXPORT drctlTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS drctl_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY lib/include/drctl DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")
install(FILES ${PROJECT_BINARY_DIR}/include/drctl/export.hpp
              ${PROJECT_BINARY_DIR}/include/drctl/version.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/drctl)

install(EXPORT drctlTargets NAMESPACE drctl:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/drctl)
configure_package_config_file(cmake/drctlConfig.cmake.in ${PROJECT_BINARY_DIR}/drctlConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/drctl)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/drctlConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/drctlConfig.cmake ${PROJECT_BINARY_DIR}/drctlConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/drctl)

configure_file(cmake/drctl.pc.in ${PROJECT_BINARY_DIR}/drctl.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/drctl.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
