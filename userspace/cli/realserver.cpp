#include "realserver.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg::cli {

namespace {

RecordedStep* find_step(Record& record, const Want& want) {
    const auto found = std::find_if(record.begin(), record.end(), [&](const RecordedStep& each) {
        return each.step.kind == want.kind && each.step.name == want.name &&
               (want.kind != Want::Kind::Address || each.step.value == want.value);
    });
    return found == record.end() ? nullptr : &*found;
}

void add_user(RecordedStep& step, const std::string& vip) {
    if (std::find(step.vips.begin(), step.vips.end(), vip) == step.vips.end()) {
        step.vips.push_back(vip);
    }
}

Result<> put_record(RealHost& host, const Record& record) {
    return host.set_record(record.empty() ? "" : record_text(record));
}

// The steps of one "up", undone when one of them fails.
class Up {
public:
    Up(RealHost& host, const RealServerOptions& options, Record record)
        : host_(host), options_(options), before_(record), record_(std::move(record)) {}

    Result<std::vector<Want>> run() {
        for (const auto& vip : options_.vips) {
            if (auto result = set_up(vip); !result) {
                return undone(std::move(result).error());
            }
        }
        if (auto saved = save(); !saved) {
            return undone(std::move(saved).error());
        }
        return std::move(done_);
    }

private:
    Result<> set_up(const Address& vip) {
        const auto device = HG_TRY(device_for(vip));
        auto result = meet_all(vip, device);
        // Asking for a tunnel loads its module, and the kernel's own device comes with that and
        // takes the place of ours.
        const auto other = HG_TRY(device_for(vip));
        if (!result && result.error().code == std::errc::file_exists && other != device) {
            result = meet_all(vip, other);
        }
        return result;
    }

    Result<std::string> device_for(const Address& vip) {
        const auto links = HG_TRY(host_.links());
        return choose_device(options_, vip, links);
    }

    Result<> meet_all(const Address& vip, const std::string& device) {
        for (const auto& want : wants_of(options_, vip, device)) {
            HG_TRY(meet(want, vip.text()));
        }
        return {};
    }

    Result<> meet(const Want& want, const std::string& vip) {
        auto* const recorded = find_step(record_, want);
        if (recorded != nullptr) {
            add_user(*recorded, vip);
        }
        if (HG_TRY(is_met(host_, want))) {
            return {};
        }
        const auto step =
            HG_TRY(attempting(make(host_, want), fmt::format("do \"{}\"", command_text(want))));
        done_.push_back(step);
        if (recorded == nullptr) {
            record_.push_back({step, {vip}});
        }
        // Written after each step: a crash leaves nothing that "down" does not know.
        return save();
    }

    Result<> save() { return put_record(host_, record_); }

    tl::unexpected<Error> undone(Error error) {
        std::string left;
        std::reverse(done_.begin(), done_.end());
        for (const auto& step : done_) {
            if (!take_back(host_, step)) {
                left += fmt::format("; \"{}\" could not be undone", command_text(step));
            }
        }
        const auto restored = put_record(host_, left.empty() ? before_ : record_);
        error.reason = error.reason.empty() ? error.code.message() : error.reason;
        error.reason += left.empty() ? "; nothing was changed" : left;
        error.reason += restored ? "" : "; " + restored.error().text();
        return tl::make_unexpected(std::move(error));
    }

    RealHost& host_;
    const RealServerOptions& options_;
    Record before_;
    Record record_;
    std::vector<Want> done_;
};

// Without its users among VIPS, and true when none is left.
bool forget(RecordedStep& step, const std::vector<std::string>& vips) {
    const auto had = !step.vips.empty();
    std::erase_if(step.vips, [&](const std::string& each) {
        return std::find(vips.begin(), vips.end(), each) != vips.end();
    });
    return had && step.vips.empty();
}

std::string left_alone(const Want& step) {
    switch (step.kind) {
    case Want::Kind::Sysctl:
        return fmt::format("{} has another value now than \"up\" gave it: left alone", step.name);
    case Want::Kind::Address:
        return fmt::format("{} is gone from {} already", step.value, step.name);
    case Want::Kind::Link:
        return fmt::format("{} is gone already", step.name);
    case Want::Kind::LinkUp:
        break;
    }
    return fmt::format("{} is down already", step.name);
}

bool is_known(const Record& record, const std::string& vip) {
    return std::any_of(record.begin(), record.end(), [&](const RecordedStep& each) {
        return std::find(each.vips.begin(), each.vips.end(), vip) != each.vips.end();
    });
}

// A VIP that somebody else has put there is that somebody's to take away.
Result<> note_strangers(RealHost& host, const Record& record, const std::vector<Address>& vips,
                        TakenBack& out) {
    const auto addresses = HG_TRY(host.addresses());
    for (const auto& vip : vips) {
        if (is_known(record, vip.text())) {
            continue;
        }
        for (const auto& each : addresses) {
            if (each.address == vip) {
                out.notes.push_back(fmt::format(
                    "{} is on {}, but was not put there by \"headgate realserver up\": left alone",
                    vip.text(), each.device));
            }
        }
    }
    return {};
}

} // namespace

Result<std::vector<Want>> realserver_up(RealHost& host, const RealServerOptions& options) {
    const auto text = HG_TRY(host.record());
    auto record = HG_TRY(parse_record(text));
    return Up(host, options, std::move(record)).run();
}

Result<TakenBack> realserver_down(RealHost& host, const std::vector<Address>& vips) {
    const auto text = HG_TRY(host.record());
    auto record = HG_TRY(parse_record(text));
    TakenBack out;
    HG_TRY(note_strangers(host, record, vips, out));
    std::vector<std::string> names(vips.size());
    std::transform(vips.begin(), vips.end(), names.begin(),
                   [](const Address& vip) { return vip.text(); });
    // The address first, the silence last: the reverse of "up".
    for (auto step = record.rbegin(); step != record.rend(); ++step) {
        if (!forget(*step, names)) {
            continue;
        }
        auto taken = take_back(host, step->step);
        if (!taken) {
            step->vips = names; // for another try
            HG_TRY(put_record(host, record));
            return tl::make_unexpected(std::move(taken).error());
        }
        if (*taken) {
            out.steps.push_back(step->step);
        } else {
            out.notes.push_back(left_alone(step->step));
        }
    }
    std::erase_if(record, [](const RecordedStep& each) { return each.vips.empty(); });
    HG_TRY(put_record(host, record));
    return out;
}

} // namespace hg::cli
