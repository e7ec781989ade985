#include "probe_tls.h"

#include "address.h"
#include "awaiting.h"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <map>
#include <sys/stat.h>

namespace hg::daemon {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

namespace {

// What tells one content of a file from another.
struct FileState {
    ino_t inode = 0;
    off_t size = 0;
    timespec changed{};

    explicit FileState(const std::string& path) {
        struct stat status {};

        if (stat(path.c_str(), &status) == 0) {
            inode = status.st_ino;
            size = status.st_size;
            changed = status.st_mtim;
        }
    }

    bool operator==(const FileState& other) const {
        return inode == other.inode && size == other.size &&
               changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
    }
};

Outcome<ssl::context> load_context(const std::string& ca) {
    ssl::context context(ssl::context::tls_client);
    boost::system::error_code error;
    if (ca.empty()) {
        context.set_default_verify_paths(error);
    } else {
        context.load_verify_file(ca, error);
    }
    if (error) {
        return failure(fmt::format("cannot read the certificates of {}: {}",
                                   ca.empty() ? "the system" : ca, text_of(error)));
    }
    SSL_CTX_set_session_cache_mode(context.native_handle(), SSL_SESS_CACHE_OFF);
    return context;
}

// Reading a file of certificates takes longer than a handshake: it is read again when it is
// another than before.
class TlsContexts : public asio::execution_context::service {
public:
    using key_type = TlsContexts; // Asio's word
    inline static asio::execution_context::id id;

    explicit TlsContexts(asio::execution_context& owner) : service(owner) {}

    // Until the next call.
    Outcome<ssl::context*> find(const std::string& ca) {
        const FileState now(ca);
        const auto known = entries_.find(ca);
        if (known != entries_.end() && known->second.file == now) {
            return &known->second.context;
        }
        auto context = load_context(ca);
        if (!context) {
            return failure(std::move(context.error()));
        }
        Entry entry{.file = now, .context = std::move(*context)};
        return &entries_.insert_or_assign(ca, std::move(entry)).first->second.context;
    }

private:
    struct Entry {
        FileState file;
        ssl::context context;
    };

    void shutdown() noexcept override {}

    std::map<std::string, Entry> entries_;
};

class TlsStream : public ByteStream {
public:
    TlsStream(TcpSocket& socket, ssl::context& context) : stream_(socket, context) {}

    bool expect(const TlsWish& wish);
    asio::awaitable<Outcome<>> handshake(const TlsWish& wish);
    asio::awaitable<Outcome<std::string_view>> read(std::span<char> into) override;
    asio::awaitable<Outcome<>> write(std::string_view bytes) override;

private:
    ssl::stream<TcpSocket&> stream_;
};

bool set_sni(SSL* session, const std::string& name) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast" // a macro of OpenSSL's
    return SSL_set_tlsext_host_name(session, name.c_str()) == 1;
#pragma GCC diagnostic pop
}

// False where OpenSSL cannot take the name.
bool TlsStream::expect(const TlsWish& wish) {
    auto* const session = stream_.native_handle();
    boost::system::error_code error;
    stream_.set_verify_mode(wish.verify ? ssl::verify_peer : ssl::verify_none, error);
    const bool address = parse_address(wish.name).has_value();
    const bool told = address || wish.name.empty() || set_sni(session, wish.name);
    if (error || !told || !wish.verify) {
        return !error && told;
    }
    auto* const wanted = SSL_get0_param(session);
    if (address) {
        return X509_VERIFY_PARAM_set1_ip_asc(wanted, wish.name.c_str()) == 1;
    }
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(wanted, wish.name.data(), wish.name.size()) == 1;
}

asio::awaitable<Outcome<>> TlsStream::handshake(const TlsWish& wish) {
    const auto [error] = co_await stream_.async_handshake(ssl::stream_base::client, kTuple);
    if (!error) {
        co_return Outcome<>();
    }
    const auto verdict = SSL_get_verify_result(stream_.native_handle());
    if (wish.verify && verdict != X509_V_OK) {
        co_return failure(fmt::format("the certificate is not good for {}: {}", wish.name,
                                      X509_verify_cert_error_string(verdict)));
    }
    co_return failure(fmt::format("TLS: {}", text_of(error)));
}

asio::awaitable<Outcome<std::string_view>> TlsStream::read(std::span<char> into) {
    const asio::mutable_buffer buffer(into.data(), into.size());
    const auto [error, size] = co_await stream_.async_read_some(buffer, kTuple);
    // Many close without saying so; whether something is missing, HTTP's own lengths tell.
    if (error && error != asio::error::eof && error != ssl::error::stream_truncated) {
        co_return failure(text_of(error));
    }
    co_return std::string_view(into.data(), size);
}

asio::awaitable<Outcome<>> TlsStream::write(std::string_view bytes) {
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    const auto [error, size] = co_await asio::async_write(stream_, buffer, kTuple);
    if (error) {
        co_return failure(text_of(error));
    }
    co_return Outcome<>();
}

} // namespace

asio::awaitable<Outcome<std::unique_ptr<ByteStream>>> start_tls(TcpSocket& socket,
                                                                const TlsWish& wish) {
    auto& owner = asio::query(socket.get_executor(), asio::execution::context);
    auto context = asio::use_service<TlsContexts>(owner).find(wish.ca);
    if (!context) {
        co_return failure(std::move(context.error()));
    }
    auto stream = std::make_unique<TlsStream>(socket, **context);
    if (!stream->expect(wish)) {
        co_return failure(fmt::format("TLS cannot be asked for \"{}\"", wish.name));
    }
    const auto done = co_await stream->handshake(wish);
    if (!done) {
        co_return failure(done.error());
    }
    co_return Outcome<std::unique_ptr<ByteStream>>(std::move(stream));
}

} // namespace hg::daemon
