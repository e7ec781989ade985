// What has to change to make one thing of another, and what a change makes of it.
#pragma once

#include "model.h"

namespace hg {

// Of what is equal nothing; the keys are taken to be the same.
[[nodiscard]] ServiceChange change_between(const ServiceSpec& from, const ServiceSpec& to);
[[nodiscard]] ServerChange change_between(const ServerSpec& from, const ServerSpec& to);

[[nodiscard]] ServiceSpec changed(ServiceSpec spec, const ServiceChange& change);
[[nodiscard]] ServerSpec changed(ServerSpec spec, const ServerChange& change);

// One that makes any settings these.
[[nodiscard]] SettingsChange change_to(const Settings& settings);

} // namespace hg
