#include "CSocket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef MSG_NOSIGNAL
enum { SEND_FLAGS = MSG_NOSIGNAL };
#else
enum { SEND_FLAGS = 0 };
#endif

static void set(int descriptor, int level, int name) {
    int on = 1;
    setsockopt(descriptor, level, name, &on, sizeof on);
}

int csocket_listen(const char *host, int port) {
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int status = getaddrinfo(host, service, &hints, &found);
    if (status != 0) {
        if (status != EAI_SYSTEM) {
            errno = EADDRNOTAVAIL;
        }
        return -1;
    }
    int listener = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (listener >= 0) {
        set(listener, SOL_SOCKET, SO_REUSEADDR);
        if (bind(listener, found->ai_addr, found->ai_addrlen) != 0 || listen(listener, 1024) != 0) {
            int reason = errno;
            close(listener);
            errno = reason;
            listener = -1;
        }
    }
    freeaddrinfo(found);
    return listener;
}

int csocket_port(int listener) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char service[16];
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0 ||
        getnameinfo((struct sockaddr *)&address, size, NULL, 0, service, sizeof service,
                    NI_NUMERICSERV) != 0) {
        return -1;
    }
    return atoi(service);
}

int csocket_accept(int listener) {
    int connection;
    do {
        connection = accept(listener, NULL, NULL);
    } while (connection < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (connection >= 0) {
        set(connection, IPPROTO_TCP, TCP_NODELAY);
#ifdef SO_NOSIGPIPE
        set(connection, SOL_SOCKET, SO_NOSIGPIPE);
#endif
    }
    return connection;
}

ptrdiff_t csocket_receive(int connection, void *bytes, size_t limit) {
    ptrdiff_t count;
    do {
        count = recv(connection, bytes, limit, 0);
    } while (count < 0 && errno == EINTR);
    return count;
}

int csocket_send(int connection, const void *bytes, size_t count) {
    const char *rest = bytes;
    while (count > 0) {
        ptrdiff_t sent = send(connection, rest, count, SEND_FLAGS);
        if (sent < 0 && errno != EINTR) {
            return -1;
        }
        if (sent > 0) {
            rest += sent;
            count -= (size_t)sent;
        }
    }
    return 0;
}

int csocket_pause(int connection, int milliseconds) {
    // Without events asked for, poll reports only that the connection is broken or shut down.
    struct pollfd watched = {.fd = connection, .events = 0};
    return poll(&watched, 1, milliseconds) == 0;
}

void csocket_shutdown(int descriptor) { shutdown(descriptor, SHUT_RDWR); }

void csocket_close(int connection, int resets) {
    if (resets) {
        struct linger none = {.l_onoff = 1, .l_linger = 0};
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    close(connection);
}
