# SPDX-License-Identifier: Apache-2.0
# Installs the program, the library, its headers, what consumers need to find it, and what shells
# and man(1) read. Everything is relative, so that `cmake --install --prefix` may choose the place.
include(CMakePackageConfigHelpers)

file(RELATIVE_PATH library_from_program
     ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set_target_properties(drctl_program PROPERTIES INSTALL_RPATH "$ORIGIN/${library_from_program}")

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

file(RELATIVE_PATH prefix_from_pkgconfig
     ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/drctl.pc.in ${PROJECT_BINARY_DIR}/drctl.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/drctl.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
install(FILES completions/drctl.bash RENAME drctl
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completions/_drctl DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES completions/drctl.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
