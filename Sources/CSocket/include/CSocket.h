#ifndef CSOCKET_H
#define CSOCKET_H

#include <stddef.h>

// Blocking TCP sockets of a server, without the casts and the differences between systems that the
// same calls need in Swift. A call that fails returns -1 with errno set.

// Listens on a host name or address and a port, 0 for any free one; returns the socket.
int csocket_listen(const char *host, int port);

// The port that a socket listens on.
int csocket_port(int listener);

// Waits for a connection; answers on it are sent without delay. -1 once csocket_shutdown was called.
int csocket_accept(int listener);

// Waits for bytes and returns their count; 0 once the peer has closed.
ptrdiff_t csocket_receive(int connection, void *bytes, size_t limit);

// Sends all bytes: 0, or -1 if the peer takes no more. Raises no signal.
int csocket_send(int connection, const void *bytes, size_t count);

// Waits for a time: 1 if it passed, 0 if the connection ended before.
int csocket_pause(int connection, int milliseconds);

// Ends every call that waits on the socket, now and later; the descriptor stays taken.
void csocket_shutdown(int descriptor);

// Closes the socket; with `resets` the peer sees a reset (RST), not an end.
void csocket_close(int connection, int resets);

#endif
