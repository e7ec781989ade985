# Tests of headgated and headgate-agent, on a fake clock or on the loopback interface.
target_sources(headgate-unit PRIVATE
    agent_protocol_test.cpp
    agent_test.cpp
    control_test.cpp
    daemon_kernel.cpp
    engine_load_test.cpp
    dashboard_test.cpp
    engine_test.cpp
    engine_write_test.cpp
    exporter_test.cpp
    health_test.cpp
    hooks_test.cpp
    http_text_test.cpp
    judge_test.cpp
    load_runner_test.cpp
    runner_test.cpp
    load_source_test.cpp
    load_test.cpp
    metrics_test.cpp
    node_exporter_test.cpp
    probe_dns_test.cpp
    probe_exec_test.cpp
    probe_fixture.cpp
    probe_http_test.cpp
    probe_identity.cpp
    probe_lines_test.cpp
    probe_test.cpp
    probe_tls_test.cpp
    probe_udp_test.cpp
    prometheus_text.cpp
    through_test.cpp)
target_link_libraries(headgate-unit PRIVATE
    headgate-agent-lib headgate-daemon OpenSSL::SSL OpenSSL::Crypto)
set_source_files_properties(dashboard_test.cpp PROPERTIES
    COMPILE_DEFINITIONS HG_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
