#include "args.h"

#include "check.h"
#include "number.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg::cli {

Result<ServiceKey> find_service(Client& client, const std::string& text) {
    if (text.find(':') != std::string::npos) {
        return parse_service_key(text);
    }
    HG_TRY(check_name(text));
    const auto services = HG_TRY(client.list_services());
    const auto found = std::find_if(services.begin(), services.end(), [&](const Service& service) {
        return service.spec.name == text;
    });
    if (found == services.end()) {
        return refusal(fmt::format("there is no service named \"{}\"", text),
                       std::errc::no_such_file_or_directory);
    }
    return found->spec.key;
}

Result<std::uint32_t> parse_weight(const std::string& text) {
    return static_cast<std::uint32_t>(
        HG_TRY(parse_number(text, "weight", {0, HEADGATE_WEIGHT_MAX})));
}

Result<std::uint32_t> parse_threshold(const std::string& text, std::string_view what) {
    return static_cast<std::uint32_t>(
        HG_TRY(parse_number(text, what, {0, HEADGATE_THRESHOLD_MAX})));
}

} // namespace hg::cli
