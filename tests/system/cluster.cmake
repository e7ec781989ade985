# Tests with real programs: the cluster, the command, raw netlink, real servers.
target_sources(headgate-system-tests PRIVATE
    cluster.cpp
    command.cpp
    listener.cpp
    place.cpp
    program.cpp
    raw_request.cpp
    reader.cpp
    states.cpp
    allocation_test.cpp
    command_refusal_test.cpp
    command_test.cpp
    config_command_test.cpp
    conn_event_test.cpp
    dns_test.cpp
    event_command_test.cpp
    event_test.cpp
    http_test.cpp
    limit_test.cpp
    netlink_test.cpp
    override_test.cpp
    realserver_test.cpp
    schedule_test.cpp
    slow_start_test.cpp
    swap_test.cpp
    transaction_test.cpp)
