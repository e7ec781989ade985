#include "netns.h"

#include "fd.h"

#include <cerrno>
#include <fcntl.h>
#include <sched.h>

namespace hg {

Result<> enter_netns(const std::string& name) {
    const auto attempted = "enter network namespace \"" + name + "\"";
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
        name.find('\0') != std::string::npos) {
        return attempting<void>(usage_error("this cannot be a namespace's name"), attempted);
    }
    const Fd fd(open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid() && errno == ENOENT) {
        return attempting<void>(refusal("there is none of this name (\"ip netns list\" has them)",
                                        std::errc::no_such_file_or_directory),
                                attempted);
    }
    if (!fd.valid() || setns(fd.get(), CLONE_NEWNET) != 0) {
        return system_error(errno, attempted);
    }
    return {};
}

} // namespace hg
