#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

namespace spectile::testing_raster {

/// How a request goes wrong.
enum class Failure { drop, server_error, forbidden, short_body };

/// Serves one file over HTTP on the loopback, with ranges, and fails as many requests as `failures` says.
class HttpServer {
public:
    explicit HttpServer(std::string content) : content_(std::move(content)) {
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (socket_ < 0 || ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(socket_, 16) != 0)
            return;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~HttpServer() {
        ::shutdown(socket_, SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
        ::close(socket_);
    }
    int port() const { return port_; }

    std::atomic<Failure> failure{Failure::drop};
    std::atomic<int> after{0};     ///< Requests that go well before the first failure.
    std::atomic<int> failures{0};  ///< Requests still to fail.
    std::atomic<int> dropped{0};

private:
    void serve() {
        while (true) {
            const int client = ::accept(socket_, nullptr, nullptr);
            if (client < 0) return;
            std::string request;
            char buffer[4096];
            while (request.find("\r\n\r\n") == std::string::npos) {
                const ssize_t got = ::recv(client, buffer, sizeof buffer, 0);
                if (got <= 0) break;
                request.append(buffer, static_cast<std::size_t>(got));
            }
            answer(client, request);
            ::close(client);
        }
    }

    void answer(int client, const std::string& request) {
        bool fails = false;
        if (failures > 0 && after > 0) {
            --after;
        } else if (failures > 0) {
            --failures;
            ++dropped;
            fails = true;
        }
        if (fails && failure == Failure::drop) return;
        if (fails && failure == Failure::server_error)
            return send_all(client,
                            "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n"
                            "Connection: close\r\n\r\n");
        if (fails && failure == Failure::forbidden)
            return send_all(client,
                            "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        if (request.find("/a.tif ") == std::string::npos)
            return send_all(client,
                            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        std::size_t first = 0, last = content_.size() - 1;
        const auto range = request.find("bytes=");
        if (range != std::string::npos) {
            char* end = nullptr;
            first = std::strtoull(request.c_str() + range + 6, &end, 10);
            if (*end == '-' && end[1] >= '0' && end[1] <= '9')
                last = std::min<std::size_t>(last, std::strtoull(end + 1, nullptr, 10));
        }
        const std::string total = std::to_string(content_.size());
        std::string head = range == std::string::npos
                               ? "HTTP/1.1 200 OK\r\n"
                               : "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " +
                                     std::to_string(first) + "-" + std::to_string(last) + "/" + total +
                                     "\r\n";
        head += "Accept-Ranges: bytes\r\nConnection: close\r\nContent-Length: " +
                std::to_string(last - first + 1) + "\r\n\r\n";
        if (request.starts_with("HEAD")) return send_all(client, head);
        const std::size_t length = (last - first + 1) / (fails ? 2 : 1);  // Half of what the head promised.
        send_all(client, head + content_.substr(first, length));
    }

    static void send_all(int client, const std::string& text) {
        for (std::size_t at = 0; at < text.size();) {
            const ssize_t sent = ::send(client, text.data() + at, text.size() - at, MSG_NOSIGNAL);
            if (sent <= 0) return;
            at += static_cast<std::size_t>(sent);
        }
    }

    std::string content_;
    int socket_ = -1;
    int port_ = 0;
    std::thread thread_;
};

}  // namespace spectile::testing_raster
