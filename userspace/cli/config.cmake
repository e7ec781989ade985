# Of the commands on the configuration and on real servers.
target_sources(headgate-cli PRIVATE
    diff_json.cpp
    realserver.cpp
    realserver_check.cpp
    realserver_record.cpp
    realserver_report.cpp
    realserver_rtnetlink.cpp
    realserver_system.cpp
    realserver_want.cpp)
target_link_libraries(headgate-cli PRIVATE PkgConfig::mnl)
