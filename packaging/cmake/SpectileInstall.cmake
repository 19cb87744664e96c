# What is installed beside the program and its network module, and the Debian package made of all of it:
#   cmake --build --preset release --target package      (dpkg-dev tells which libraries it depends on)
set(SPECTILE_DATA ${CMAKE_INSTALL_DATADIR}/spectile)
install(DIRECTORY models DESTINATION ${SPECTILE_DATA} PATTERN report.html EXCLUDE)
install(DIRECTORY pipelines DESTINATION ${SPECTILE_DATA})
install(DIRECTORY examples/scheduled DESTINATION ${SPECTILE_DATA}/examples USE_SOURCE_PERMISSIONS)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

# Manual pages and completion come from the program itself.
install(CODE "
  set(program \"${PROJECT_BINARY_DIR}/spectile\")
  set(pages \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}\")
  include(\"${PROJECT_SOURCE_DIR}/packaging/cmake/pages.cmake\")")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "spectile developers <spectile@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION "Batch tool that reads scenes through GDAL, sends tiles through neural models and
publishes georeferenced maps; command line, YAML pipelines and jobs of a cluster.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS gdal-bin)
# Packs what is built; tests need not be.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
