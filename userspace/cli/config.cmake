# Of the commands on the configuration and on real servers.
target_sources(headgate-cli PRIVATE
    config_apply.cpp
    config_json.cpp)
