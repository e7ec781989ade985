# The configuration file and the difference between two states.
target_sources(headgate-lib PRIVATE
    apply.cpp
    config.cpp
    config_affinity.cpp
    config_care.cpp
    config_check.cpp
    config_check_http.cpp
    config_check_kind.cpp
    config_daemon.cpp
    config_fault.cpp
    config_files.cpp
    config_finish.cpp
    config_include.cpp
    config_load.cpp
    config_node.cpp
    config_schema.cpp
    config_service.cpp
    config_syntax.cpp
    config_text.cpp
    config_value.cpp
    config_words.cpp
    config_write.cpp
    config_write_check.cpp
    config_yaml.cpp
    diff.cpp
    diff_text.cpp
    health_check.cpp
    import_ipvsadm.cpp
    import_keepalived.cpp
    import_keepalived_check.cpp
    import_pools.cpp
    import_range.cpp
    import_virtual.cpp
    keepalived_syntax.cpp
    restore.cpp)
target_link_libraries(headgate-lib PRIVATE PkgConfig::yaml PkgConfig::re2)
