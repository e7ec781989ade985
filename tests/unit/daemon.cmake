# Tests of headgated, on a fake clock or on the loopback interface.
target_sources(headgate-unit PRIVATE
    health_test.cpp)
target_link_libraries(headgate-unit PRIVATE headgate-daemon)
