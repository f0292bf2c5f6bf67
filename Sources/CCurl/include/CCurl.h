/// Sends POST requests with libcurl from many threads at once, each over an idle lane of a pool.
///
/// `curl_easy_setopt` takes variable arguments, which Swift cannot call, and libcurl's handles may
/// be used by one thread at a time: both are dealt with here.
#ifndef CCURL_H
#define CCURL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#if defined(__has_attribute) && __has_attribute(swift_attr)
#define CCURL_SENDABLE __attribute__((swift_attr("@Sendable")))
#else
#define CCURL_SENDABLE
#endif

struct ccurl_pool;

/// A pool of lanes. Safe to use from every thread: a mutex guards all that threads share.
typedef struct CCURL_SENDABLE {
    struct ccurl_pool *pool;
} ccurl_client;

/// One easy handle with its own idle connections. For one thread between ``ccurl_take`` and
/// ``ccurl_give_back``.
typedef struct ccurl_lane ccurl_lane;

/// Takes the next stretch of a response's body, decoded.
///
/// `expected` is the body's length by its header, or -1. Returns false to end the transfer.
typedef bool (*ccurl_receive)(
    void *context, const uint8_t *bytes, size_t count, int64_t expected);

/// How long a request may take, in milliseconds.
typedef struct {
    /// From the start to the response's last byte.
    int64_t total;
    /// Until the connection stands, TLS included.
    int64_t connect;
    /// A response that has begun and in this time brings less than a byte a second is given up.
    int64_t stall;
} ccurl_timeouts;

/// Why a transfer ended before libcurl said so.
typedef enum CCURL_SENDABLE {
    CCURL_NOT_ENDED = 0,
    /// ``ccurl_stop`` was called.
    CCURL_STOPPED,
    /// See ``ccurl_timeouts/stall``.
    CCURL_STALLED,
    /// The receiver did not want more.
    CCURL_REFUSED_BODY,
    /// More header bytes than any response needs.
    CCURL_TOO_MANY_HEADERS,
    /// Content-Length is no number, or there are two.
    CCURL_DOUBTFUL_LENGTH,
    /// The kept connection died, and libcurl was about to send the request again.
    CCURL_NOT_REPEATED,
} ccurl_ending;

/// How a transfer ended. Texts belong to the lane and live until it is given back.
typedef struct {
    CURLcode code;
    ccurl_ending ending;
    /// 0 without a response.
    long status;
    /// `errno` of the last failed system call, or 0.
    long system_error;
    /// What OpenSSL found wrong with the certificate (`X509_V_ERR_…`), or 0.
    long verification;
    /// What a proxy answered to CONNECT, or 0.
    long proxy_status;
    /// Whether a connection stood and the request was begun.
    bool is_begun;
    /// The header's text, or NULL.
    const char *retry_after;
    /// The header `Date`, or NULL.
    const char *date;
    /// libcurl's own words.
    const char *text;
} ccurl_result;

/// A pool without lanes. `pool` is NULL where memory is short; then it gives none.
ccurl_client ccurl_create(const char *user_agent);

/// Closes all connections. No lane may be in use.
void ccurl_destroy(ccurl_client client);

/// Ends all transfers at once, and lets none begin.
void ccurl_stop(ccurl_client client);

/// An idle lane, the last one used first, or a new one; NULL where memory is short.
ccurl_lane *ccurl_take(ccurl_client client);
void ccurl_give_back(ccurl_client client, ccurl_lane *lane);

/// Sends a POST and waits for the whole response. It is sent once: never again by libcurl.
///
/// - Parameter ca_file: trusted instead of the system's certificates; NULL: those.
ccurl_result ccurl_post(
    ccurl_lane *lane, const char *url, const char *content_type, const char *ca_file,
    const uint8_t *body, size_t count, ccurl_timeouts timeouts, void *context,
    ccurl_receive receive);

/// Puts `host:port` of a URL into `text`, the scheme's port if it names none; false if it is no
/// URL, or the text is too short.
bool ccurl_authority(const char *url, char *text, size_t capacity);

#endif
