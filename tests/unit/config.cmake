# Tests of the configuration, the difference and real servers.
target_sources(headgate-unit PRIVATE
    apply_test.cpp
    config_care_refusal_test.cpp
    config_check_test.cpp
    config_fault_test.cpp
    config_include_test.cpp
    cli_import_test.cpp
    diff_json_test.cpp
    config_refusal_test.cpp
    config_test.cpp
    config_write_test.cpp
    diff_property_test.cpp
    diff_test.cpp
    import_ipvsadm_test.cpp
    import_keepalived_test.cpp
    keepalived_syntax_test.cpp
    module_reload_test.cpp
    realserver_test.cpp
    restore_test.cpp
    transaction_test.cpp)
target_link_libraries(headgate-unit PRIVATE headgate-cli fmt::fmt)
