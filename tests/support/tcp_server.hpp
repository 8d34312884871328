// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/stop.hpp"
#include "system/unique_fd.hpp"

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

namespace drctl::test {

/// A server on a free port of the loopback interface. Its handler gets each connection, one
/// after the other; the connection is closed when it returns.
class TcpServer {
  public:
    using Handler = std::function<void(int fd)>;

    explicit TcpServer(Handler handler) : handler_(std::move(handler)) {
        listener_ = system::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 16) != 0 ||
            ::getsockname(listener_.get(), generic, &size) != 0) {
            throw std::runtime_error("cannot listen on the loopback interface");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    TcpServer(const TcpServer&) = delete;
    TcpServer& operator=(const TcpServer&) = delete;
    ~TcpServer() {
        end_.request(SIGTERM);
        thread_.join();
    }

    [[nodiscard]] std::string host_port() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::string url(const std::string& path = "/") const {
        return "http://" + host_port() + path;
    }

    /// Reads what an HTTP client sends, up to the end of its headers and `body` bytes more.
    static std::string read_request(int fd, std::size_t body = 0) {
        std::string text;
        std::array<char, 4096> buffer{};
        while (text.find("\r\n\r\n") == std::string::npos ||
               text.size() < text.find("\r\n\r\n") + 4 + body) {
            const auto count = ::recv(fd, buffer.data(), buffer.size(), 0);
            if (count <= 0) {
                break;
            }
            text.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return text;
    }
    static void send_all(int fd, const std::string& text) {
        for (std::size_t done = 0; done < text.size();) {
            const auto count = ::send(fd, text.data() + done, text.size() - done, MSG_NOSIGNAL);
            if (count <= 0) {
                return; // the client has seen enough
            }
            done += static_cast<std::size_t>(count);
        }
    }
    /// Answers every request with the same bytes.
    static Handler answering(std::string answer) {
        return [answer = std::move(answer)](int fd) {
            read_request(fd);
            send_all(fd, answer);
        };
    }
    /// Takes requests and never answers: returns when the client goes.
    static void keep_silent(int fd) {
        std::array<char, 4096> buffer{};
        while (::recv(fd, buffer.data(), buffer.size(), 0) > 0) {
        }
    }

  private:
    void serve() {
        while (!end_.token().stop_requested()) {
            std::array<pollfd, 2> watch{
                {{listener_.get(), POLLIN, 0}, {end_.token().wait_fd(), POLLIN, 0}}};
            ::poll(watch.data(), watch.size(), -1);
            if (watch[0].revents == 0) {
                continue;
            }
            const system::UniqueFd client(
                ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (client) {
                handler_(client.get());
            }
        }
    }

    Handler handler_;
    system::UniqueFd listener_;
    unsigned port_ = 0;
    system::StopSource end_;
    std::thread thread_;
};

} // namespace drctl::test
