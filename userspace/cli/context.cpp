#include "context.h"

namespace hg::cli {

Result<Client*> Context::client() {
    if (!client_) {
        transport_ = HG_TRY(host_.connect());
        client_ = std::make_unique<Client>(*transport_);
    }
    return client_.get();
}

} // namespace hg::cli
