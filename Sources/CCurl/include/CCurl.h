/// Sends HTTP requests with libcurl from many threads at once, each over an idle lane of a pool.
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

/// What a pool does other than libcurl by itself.
enum {
    /// Asks for bodies in gzip, and decodes them.
    CCURL_GZIP = 1,
    /// Dot segments (`..`) stay in a path.
    CCURL_PATH_AS_IS = 2,
    /// Proxies of the environment are not used.
    CCURL_NO_PROXY = 4,
};

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
    /// The sender has no more bytes, although there must be some.
    CCURL_NOTHING_TO_SEND,
} ccurl_ending;

/// Takes the next stretch of a response's body, decoded where the pool decodes.
///
/// `expected` is the body's length by its header, or -1. Returns false to end the transfer.
typedef bool (*ccurl_receive)(
    void *context, const uint8_t *bytes, size_t count, int64_t expected);

/// Gives the next stretch of a request's body, from `offset`, at most `capacity` bytes. Returns how
/// many there are; sets `ending` to end the transfer.
typedef int64_t (*ccurl_give)(
    void *context, uint8_t *bytes, size_t capacity, int64_t offset, ccurl_ending *ending);

/// A request. Everything it points to must live until ``ccurl_send`` returns.
typedef struct {
    /// In capitals. POST and PUT have a body, others have none.
    const char *method;
    const char *url;
    /// NULL: libcurl's own, for a form.
    const char *content_type;
    /// Further headers, a line feed between them; or NULL.
    const char *headers;
    /// Trusted instead of the system's certificates; NULL: those.
    const char *ca_file;
    /// The body; or NULL where ``send`` gives it.
    const uint8_t *body;
    /// Bytes of the body.
    int64_t count;
    ccurl_timeouts timeouts;
    /// Handed to the callbacks.
    void *context;
    /// NULL where the body is in memory.
    ccurl_give send;
    ccurl_receive receive;
} ccurl_request;

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
///
/// - Parameter options: of ``CCURL_GZIP`` and what follows it.
ccurl_client ccurl_create(const char *user_agent, unsigned options);

/// Closes all connections. No lane may be in use.
void ccurl_destroy(ccurl_client client);

/// Ends all transfers at once, and lets none begin.
void ccurl_stop(ccurl_client client);

/// An idle lane, the last one used first, or a new one; NULL where memory is short.
ccurl_lane *ccurl_take(ccurl_client client);
void ccurl_give_back(ccurl_client client, ccurl_lane *lane);

/// Sends a request and waits for the whole response. It is sent once: never again by libcurl.
ccurl_result ccurl_send(ccurl_lane *lane, const ccurl_request *request);

/// A header of the last response, the first of its name; NULL where there is none. Not of interim
/// responses, nor of trailers. Lives until the lane's next transfer.
const char *ccurl_header(ccurl_lane *lane, const char *name);

/// The same for a header that comes more than once; `index` counts from 0.
const char *ccurl_repeated_header(ccurl_lane *lane, const char *name, size_t index);

/// Puts `host:port` of a URL into `text`, the scheme's port if it names none; false if it is no
/// URL, or the text is too short.
bool ccurl_authority(const char *url, char *text, size_t capacity);

#endif
