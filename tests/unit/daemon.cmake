# Tests of headgated, on a fake clock or on the loopback interface.
target_sources(headgate-unit PRIVATE
    daemon_kernel.cpp
    engine_test.cpp
    health_test.cpp
    judge_test.cpp)
target_link_libraries(headgate-unit PRIVATE headgate-daemon)
