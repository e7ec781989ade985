#include "config_yaml.h"

#include "config_syntax.h"

#include <fmt/format.h>
#include <map>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace hg {

namespace {

// A configuration is five levels deep. yaml-cpp gives up at 500 with "bad file" at 1:1.
constexpr std::size_t kDepthMax = 16;
// Four keys each for all the servers that a namespace may have, and then some: some 400 MB.
constexpr std::size_t kNodesMax = 4'000'000;

// Thrown through the parser to stop it; the fault is noted already.
struct Stop {};

TextMark mark_of(const YAML::Mark& mark) {
    return {static_cast<std::uint32_t>(std::max(mark.line, 0)),
            static_cast<std::uint32_t>(std::max(mark.column, 0)),
            static_cast<std::uint32_t>(std::max(mark.pos, 0))};
}

class Builder final : public YAML::EventHandler {
public:
    Builder(const std::string& text, ConfigFaults& faults) : text_(text), faults_(faults) {}

    [[nodiscard]] YamlNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        const auto at = mark_of(mark);
        if (documents_++ > 0) {
            refuse(at, std::string_view(text_).substr(at.offset).starts_with("---")
                           ? "a second document starts here: one file holds one configuration"
                           : "the configuration has ended before this: everything belongs into "
                             "one map, is the line indented rightly?");
            throw Stop{};
        }
        if (const auto directive = find_directive(text_, at.offset)) {
            refuse(*directive, "directives (%YAML, %TAG) have no place here: take the line out");
        }
    }

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        check_plain(mark_of(mark), anchor);
        auto nothing = node(YamlNode::Kind::Null, mark);
        nothing.mark = open_.empty() ? TextMark{} : place_of_nothing(text_, nothing.mark);
        add(std::move(nothing));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        refuse(mark_of(mark), std::string(kNoAliases));
        add(node(YamlNode::Kind::Null, mark));
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        const auto at = mark_of(mark);
        check_plain(at, anchor);
        // "?" is the parser's tag for a plain scalar, "!" that for a quoted or block one.
        auto scalar = node(YamlNode::Kind::Scalar, mark);
        scalar.is_quoted = tag != "?";
        if (scalar.is_quoted && is_unclosed_quote(text_, at.offset)) {
            refuse(at, "the quote that opens here is never closed");
        }
        scalar.text = value;
        add(std::move(scalar));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::Sequence, mark, anchor);
    }

    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::Map, mark, anchor);
    }

    void OnMapEnd() override {
        check_keys(open_.back());
        close();
    }

private:
    static YamlNode node(YamlNode::Kind kind, const YAML::Mark& mark) {
        YamlNode out;
        out.kind = kind;
        out.mark = mark_of(mark);
        return out;
    }

    void refuse(const TextMark& at, std::string text) {
        faults_.add(place_of(text_, at), std::move(text));
    }

    // Tags are told by the text: the parser gives "!" for quoted scalars and for the tag "!".
    void check_plain(const TextMark& at, YAML::anchor_t anchor) {
        const auto first = at.offset < text_.size() ? text_[at.offset] : '\0';
        if (anchor != YAML::NullAnchor || first == '&') {
            refuse(at, "anchors (&) have no place here: write the value itself");
        } else if (first == '!') {
            refuse(at, "tags (!) have no place here: write the value itself");
        }
    }

    void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        check_plain(mark_of(mark), anchor);
        if (open_.size() >= kDepthMax) {
            refuse(mark_of(mark),
                   fmt::format("nested too deeply: no more than {} levels", kDepthMax));
            throw Stop{};
        }
        open_.push_back(node(kind, mark));
    }

    void close() {
        auto done = std::move(open_.back());
        open_.pop_back();
        add(std::move(done));
    }

    void add(YamlNode done) {
        if (++nodes_ > kNodesMax) {
            refuse(done.mark,
                   fmt::format("too much for one file: no more than {} values", kNodesMax));
            throw Stop{};
        }
        (open_.empty() ? root_ : open_.back().items.emplace_back()) = std::move(done);
    }

    void check_keys(const YamlNode& map) {
        std::map<std::string_view, TextMark> seen;
        for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
            const auto& key = map.items[i];
            if (key.kind != YamlNode::Kind::Scalar) {
                refuse(key.mark, fmt::format("a key has to be a word, not {}", name(key.kind)));
                continue;
            }
            if (key.text == "<<" && !key.is_quoted) {
                refuse(key.mark, "merge keys (<<) have no place here: write the keys themselves");
                continue;
            }
            const auto [first, is_new] = seen.emplace(key.text, key.mark);
            if (!is_new) {
                refuse(key.mark,
                       fmt::format("key {} is here a second time, the first is at {}",
                                   quoted(key.text), place_of(text_, first->second).text()));
            }
        }
    }

    const std::string& text_;
    ConfigFaults& faults_;
    YamlNode root_;
    std::vector<YamlNode> open_;
    std::size_t documents_ = 0;
    std::size_t nodes_ = 0;
};

void parse_documents(const std::string& text, Builder& builder) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
}

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

YamlNode parse_yaml(const std::string& text, ConfigFaults& faults) {
    if (const auto at = find_too_many_brackets(text)) {
        faults.add(place_of(text, *at), "too many brackets are open or in the file");
        return {};
    }
    Builder builder(text, faults);
    try {
        parse_documents(text, builder);
    } catch (const Stop&) {
        return {};
    } catch (const YAML::Exception& e) {
        const auto at = mark_of(e.mark);
        faults.add(place_of(text, at), explain_syntax(text, at, e.msg));
        return {};
    } catch (const std::exception& e) {
        faults.add({}, fmt::format("cannot be read: {}", e.what()));
        return {};
    }
    return builder.take();
}

} // namespace hg
