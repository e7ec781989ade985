#include "config_yaml.h"

#include "config_syntax.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <new>
#include <yaml.h>

namespace hg {

namespace {

constexpr std::size_t kDepthMax = 16; // a configuration is five levels deep
// Four keys each for all the servers that a namespace may have, and then some: some 400 MB.
constexpr std::size_t kNodesMax = 4'000'000;

Place place_of(const yaml_mark_t& mark) {
    return {static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
}

std::string_view text_of(const yaml_char_t* value, std::size_t size) {
    return {reinterpret_cast<const char*>(value), size};
}

class Event {
public:
    Event() = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    Event(Event&&) = delete;
    Event& operator=(Event&&) = delete;

    ~Event() { yaml_event_delete(&event); }

    yaml_event_t event{};
};

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {
        if (yaml_parser_initialize(&parser_) == 0) {
            throw std::bad_alloc();
        }
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size());
    }

    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    Parser(Parser&&) = delete;
    Parser& operator=(Parser&&) = delete;

    ~Parser() { yaml_parser_delete(&parser_); }

    [[nodiscard]] bool next(yaml_event_t& event) {
        return yaml_parser_parse(&parser_, &event) != 0;
    }

    // Why there is no next event.
    [[nodiscard]] SyntaxError error() const {
        if (parser_.error == YAML_MEMORY_ERROR) {
            throw std::bad_alloc();
        }
        const auto is_reader = parser_.error == YAML_READER_ERROR;
        return {.place = is_reader ? place_at(text_, parser_.problem_offset)
                                   : place_of(parser_.problem_mark),
                .complaint = parser_.problem,
                .context = parser_.context == nullptr ? "" : parser_.context,
                .context_place = place_of(parser_.context_mark)};
    }

private:
    std::string_view text_;
    yaml_parser_t parser_{};
};

class Builder {
public:
    explicit Builder(ConfigFaults& faults) : faults_(faults) {}

    // False when it makes no sense to go on.
    [[nodiscard]] bool add(const yaml_event_t& event) {
        const auto at = place_of(event.start_mark);
        switch (event.type) {
        case YAML_DOCUMENT_START_EVENT:
            return begin_document(at, event);
        case YAML_ALIAS_EVENT:
            faults_.add(at, "aliases (*) have no place here: write the value itself");
            has_aliases_ = true; // for values that are not known here
            return add_node(YamlNode::Kind::Null, at);
        case YAML_SCALAR_EVENT:
            check_plain(at, event.data.scalar.anchor, event.data.scalar.tag);
            return add_scalar(at, event);
        case YAML_SEQUENCE_START_EVENT:
            check_plain(at, event.data.sequence_start.anchor, event.data.sequence_start.tag);
            return open(YamlNode::Kind::Sequence, at);
        case YAML_MAPPING_START_EVENT:
            check_plain(at, event.data.mapping_start.anchor, event.data.mapping_start.tag);
            return open(YamlNode::Kind::Map, at);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
            return close();
        default:
            return true;
        }
    }

    [[nodiscard]] std::optional<YamlNode> take() {
        if (has_aliases_) {
            return std::nullopt;
        }
        return done_.empty() ? YamlNode{.place = {1, 1}} : std::move(done_.front());
    }

    // Where the parser has got to.
    [[nodiscard]] SyntaxState state() const {
        return {.depth = open_.size(),
                .in_map = !open_.empty() && open_.back().node.kind == YamlNode::Kind::Map};
    }

private:
    // A sequence or map that is not at its end; its items are those of done_ from FIRST on.
    struct Open {
        YamlNode node;
        std::size_t first = 0;
    };

    bool begin_document(Place at, const yaml_event_t& event) {
        if (documents_++ > 0) {
            faults_.add(at, "a second document starts here: one file holds one configuration");
            return false;
        }
        const auto& start = event.data.document_start;
        if (start.version_directive != nullptr ||
            start.tag_directives.start != start.tag_directives.end) {
            faults_.add(at, std::string(kNoDirectives));
        }
        return true;
    }

    void check_plain(Place at, const yaml_char_t* anchor, const yaml_char_t* tag) {
        if (anchor != nullptr) {
            faults_.add(at, "anchors (&) have no place here: write the value itself");
        } else if (tag != nullptr) {
            faults_.add(at, std::string(kNoTags));
        }
    }

    bool add_scalar(Place at, const yaml_event_t& event) {
        const auto text = text_of(event.data.scalar.value, event.data.scalar.length);
        const bool is_plain = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        if (is_plain && is_null(text)) {
            return add_node(YamlNode::Kind::Null, text.empty() ? place_of_nothing(at) : at);
        }
        const auto has_room = add_node(YamlNode::Kind::Scalar, at);
        done_.back().is_quoted = !is_plain;
        done_.back().text = text;
        return has_room;
    }

    static bool is_null(std::string_view text) {
        return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
    }

    // The parser's place for an item that is not there is behind its dash.
    [[nodiscard]] Place place_of_nothing(Place at) const {
        if (open_.empty()) {
            return {1, 1};
        }
        const bool is_item = open_.back().node.kind == YamlNode::Kind::Sequence;
        return is_item && at.column > 1 ? Place{at.line, at.column - 1} : at;
    }

    bool open(YamlNode::Kind kind, Place at) {
        if (open_.size() >= kDepthMax) {
            faults_.add(at, fmt::format("nested too deeply: no more than {} levels", kDepthMax));
            return false;
        }
        open_.push_back({{.kind = kind, .place = at}, done_.size()});
        return true;
    }

    bool close() {
        auto [out, first] = std::move(open_.back());
        open_.pop_back();
        const auto items = done_.begin() + static_cast<std::ptrdiff_t>(first);
        out.items.assign(std::make_move_iterator(items), std::make_move_iterator(done_.end()));
        done_.erase(items, done_.end());
        if (out.kind == YamlNode::Kind::Map) {
            drop_bad_keys(out);
        }
        const auto has_room = add_node(out.kind, out.place);
        done_.back().items = std::move(out.items);
        return has_room;
    }

    bool add_node(YamlNode::Kind kind, Place at) {
        auto& added = done_.emplace_back();
        added.kind = kind;
        added.place = at;
        if (++nodes_ > kNodesMax) {
            faults_.add(at,
                        fmt::format("too much for one file: no more than {} values", kNodesMax));
            return false;
        }
        return true;
    }

    void drop_bad_keys(YamlNode& map) {
        keys_.clear();
        refused_.clear();
        for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
            const auto& key = map.items[i];
            if (key.kind != YamlNode::Kind::Scalar) {
                refuse(key, fmt::format("a key has to be a word, not {}", name(key.kind)));
            } else if (key.text == "<<" && !key.is_quoted) {
                refuse(key, "merge keys (<<) have no place here: write the keys themselves");
            } else {
                keys_.push_back(&key);
            }
        }
        std::sort(keys_.begin(), keys_.end(), [](const YamlNode* a, const YamlNode* b) {
            const auto order = a->text.compare(b->text);
            return order < 0 || (order == 0 && a < b);
        });
        const YamlNode* first = nullptr;
        for (const auto* const key : keys_) {
            if (first != nullptr && first->text == key->text) {
                refuse(*key, fmt::format("key {} is here a second time, the first is at {}",
                                         quoted(key->text), first->place.text()));
            } else {
                first = key;
            }
        }
        drop_refused(map.items);
    }

    void drop_refused(std::vector<YamlNode>& items) {
        if (refused_.empty()) {
            return;
        }
        std::sort(refused_.begin(), refused_.end(), std::less{});
        std::size_t kept = 0;
        auto next = refused_.begin();
        for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
            if (next != refused_.end() && *next == &items[i]) {
                ++next;
                continue;
            }
            if (kept != i) {
                items[kept] = std::move(items[i]);
                items[kept + 1] = std::move(items[i + 1]);
            }
            kept += 2;
        }
        items.resize(kept);
    }

    void refuse(const YamlNode& key, std::string why) {
        faults_.add(key.place, std::move(why));
        refused_.push_back(&key);
    }

    ConfigFaults& faults_;
    std::vector<Open> open_;
    std::vector<YamlNode> done_; // the items of all that is open, and the root at the end
    std::vector<const YamlNode*> keys_;
    std::vector<const YamlNode*> refused_; // keys
    std::size_t documents_ = 0;
    std::size_t nodes_ = 0;
    bool has_aliases_ = false;
};

} // namespace

std::string_view name(YamlNode::Kind kind) {
    switch (kind) {
    case YamlNode::Kind::Null:
        return "nothing";
    case YamlNode::Kind::Scalar:
        return "a value";
    case YamlNode::Kind::Sequence:
        return "a list";
    case YamlNode::Kind::Map:
        break;
    }
    return "a map";
}

std::optional<YamlNode> parse_yaml(std::string_view text, ConfigFaults& faults) {
    Parser parser(text);
    Builder builder(faults);
    for (;;) {
        Event next;
        if (!parser.next(next.event)) {
            const auto fault = explain_syntax(text, parser.error(), builder.state());
            faults.add(fault.place, fault.text);
            return std::nullopt;
        }
        if (next.event.type == YAML_STREAM_END_EVENT) {
            return builder.take();
        }
        if (!builder.add(next.event)) {
            return std::nullopt;
        }
    }
}

} // namespace hg
