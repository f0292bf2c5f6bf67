#include "CCurl.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/// No response needs more than this, interim ones (1xx) and trailers included.
enum { HEADER_BYTE_LIMIT = 256 * 1024 };
/// Room for a large page in few calls of recv.
enum { RECEIVE_BYTE_COUNT = 64 * 1024 };

struct ccurl_lane {
    struct ccurl_pool *pool;
    /// Idle, or in use.
    ccurl_lane *next;
    ccurl_lane *previous;
    CURL *easy;
    /// Keeps the connections; a wake-up ends its wait.
    CURLM *multi;
    /// Of the transfer before: what did not change is not set again.
    char *method;
    char *url;
    char *content_type;
    char *lines;
    char *ca_file;
    bool has_trust;
    struct curl_slist *headers;
    /// Where the system's certificates lie; NULL where libcurl knows itself.
    char *system_ca_file;
    char *system_ca_path;
    char text[CURL_ERROR_SIZE];
    // Of the transfer that is on its way:
    const ccurl_request *request;
    int64_t sent;
    int64_t received;
    size_t header_bytes;
    int64_t content_length;
    bool is_chunked;
    /// The empty line after the headers has come; what follows are trailers.
    bool has_headers;
    int begun_count;
    ccurl_ending ending;
};

struct ccurl_pool {
    pthread_mutex_t mutex;
    CURLSH *share;
    pthread_mutex_t share_mutexes[CURL_LOCK_DATA_LAST];
    char *user_agent;
    unsigned options;
    ccurl_lane *idle;
    ccurl_lane *busy;
    atomic_bool is_stopped;
};

// MARK: Pool

static pthread_once_t global_once = PTHREAD_ONCE_INIT;

static void initialize(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

static void lock(CURL *easy, curl_lock_data data, curl_lock_access access, void *context) {
    (void)easy;
    (void)access;
    struct ccurl_pool *pool = context;
    pthread_mutex_lock(&pool->share_mutexes[data]);
}

static void unlock(CURL *easy, curl_lock_data data, void *context) {
    (void)easy;
    struct ccurl_pool *pool = context;
    pthread_mutex_unlock(&pool->share_mutexes[data]);
}

ccurl_client ccurl_create(const char *user_agent, unsigned options) {
    pthread_once(&global_once, initialize);
    struct ccurl_pool *pool = calloc(1, sizeof *pool);
    ccurl_client client = {pool};
    if (pool == NULL) return client;
    pthread_mutex_init(&pool->mutex, NULL);
    for (int data = 0; data < CURL_LOCK_DATA_LAST; data++) {
        pthread_mutex_init(&pool->share_mutexes[data], NULL);
    }
    pool->options = options;
    pool->user_agent = strdup(user_agent);
    pool->share = curl_share_init();
    if (pool->user_agent == NULL || pool->share == NULL) {
        ccurl_destroy(client);
        return (ccurl_client){NULL};
    }
    curl_share_setopt(pool->share, CURLSHOPT_LOCKFUNC, lock);
    curl_share_setopt(pool->share, CURLSHOPT_UNLOCKFUNC, unlock);
    curl_share_setopt(pool->share, CURLSHOPT_USERDATA, pool);
    curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    return client;
}

static void destroy_lane(ccurl_lane *lane) {
    curl_easy_cleanup(lane->easy);
    curl_multi_cleanup(lane->multi);
    curl_slist_free_all(lane->headers);
    free(lane->method);
    free(lane->url);
    free(lane->content_type);
    free(lane->lines);
    free(lane->ca_file);
    free(lane->system_ca_file);
    free(lane->system_ca_path);
    free(lane);
}

void ccurl_destroy(ccurl_client client) {
    struct ccurl_pool *pool = client.pool;
    if (pool == NULL) return;
    while (pool->idle != NULL) {
        ccurl_lane *lane = pool->idle;
        pool->idle = lane->next;
        destroy_lane(lane);
    }
    if (pool->share != NULL) curl_share_cleanup(pool->share);
    for (int data = 0; data < CURL_LOCK_DATA_LAST; data++) {
        pthread_mutex_destroy(&pool->share_mutexes[data]);
    }
    pthread_mutex_destroy(&pool->mutex);
    free(pool->user_agent);
    free(pool);
}

void ccurl_stop(ccurl_client client) {
    struct ccurl_pool *pool = client.pool;
    if (pool == NULL) return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->is_stopped, true);
    for (ccurl_lane *lane = pool->busy; lane != NULL; lane = lane->next) {
        curl_multi_wakeup(lane->multi);
    }
    pthread_mutex_unlock(&pool->mutex);
}

// MARK: Callbacks

static size_t give_body(char *bytes, size_t size, size_t capacity, void *context) {
    ccurl_lane *lane = context;
    const ccurl_request *request = lane->request;
    int64_t count = request->send(
        request->context, (uint8_t *)bytes, size * capacity, lane->sent, &lane->ending);
    if (lane->ending != CCURL_NOT_ENDED) return CURL_READFUNC_ABORT;
    lane->sent += count;
    return (size_t)count;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    ccurl_lane *lane = context;
    const ccurl_request *request = lane->request;
    lane->received += (int64_t)(size * count);
    if (request->receive(
            request->context, (const uint8_t *)bytes, size * count,
            lane->is_chunked ? -1 : lane->content_length)) {
        return size * count;
    }
    lane->ending = CCURL_REFUSED_BODY;
    return 0;
}

/// A header's value without the white space around it; NULL if the line is another header's.
static const char *value_of(const char *name, const char *line, size_t count, size_t *length) {
    size_t name_length = strlen(name);
    if (count <= name_length || line[name_length] != ':') return NULL;
    if (strncasecmp(line, name, name_length) != 0) return NULL;
    const char *start = line + name_length + 1, *end = line + count;
    while (start < end && isspace((unsigned char)*start)) start++;
    while (end > start && isspace((unsigned char)end[-1])) end--;
    *length = (size_t)(end - start);
    return start;
}

/// False if the text is no length, or another one than before.
static bool note_length(ccurl_lane *lane, const char *text, size_t length) {
    int64_t value = 0;
    if (length == 0 || length > 18) return false;
    for (size_t at = 0; at < length; at++) {
        if (!isdigit((unsigned char)text[at])) return false;
        value = value * 10 + (text[at] - '0');
    }
    if (lane->content_length >= 0 && lane->content_length != value) return false;
    lane->content_length = value;
    return true;
}

static size_t take_header(char *line, size_t size, size_t count, void *context) {
    ccurl_lane *lane = context;
    count *= size;
    lane->received += (int64_t)count;
    lane->header_bytes += count;
    if (lane->header_bytes > HEADER_BYTE_LIMIT) {
        lane->ending = CCURL_TOO_MANY_HEADERS;
        return 0;
    }
    size_t length = 0;
    if (count > 5 && memcmp(line, "HTTP/", 5) == 0) {
        // A further response: the one after CONNECT, or after an interim one.
        lane->content_length = -1;
        lane->is_chunked = false;
        lane->has_headers = false;
    }
    if (count <= 2 && isspace((unsigned char)line[0])) lane->has_headers = true;
    const char *text = value_of("Content-Length", line, count, &length);
    if (text != NULL && !note_length(lane, text, length)) {
        lane->ending = CCURL_DOUBTFUL_LENGTH;
        return 0;
    }
    if (value_of("Transfer-Encoding", line, count, &length) != NULL) lane->is_chunked = true;
    // RFC 9112, section 6.3: the chunks count, but what comes after them cannot be trusted.
    if (lane->is_chunked && lane->content_length >= 0) {
        curl_easy_setopt(lane->easy, CURLOPT_FORBID_REUSE, 1L);
    }
    return count;
}

/// Before a request is sent over a connection that stands. libcurl sends a request again when a
/// kept connection ends without an answer; the provider may have got it, so that must not happen.
static int begin(void *context, char *to, char *from, int to_port, int from_port) {
    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    ccurl_lane *lane = context;
    lane->begun_count += 1;
    if (lane->begun_count == 1) return CURL_PREREQFUNC_OK;
    lane->ending = CCURL_NOT_REPEATED;
    return CURL_PREREQFUNC_ABORT;
}

// MARK: Lanes

static void set_up(ccurl_lane *lane) {
    CURL *easy = lane->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_SHARE, lane->pool->share);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, lane->pool->user_agent);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, lane->text);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (lane->pool->options & CCURL_GZIP) {
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    }
    if (lane->pool->options & CCURL_PATH_AS_IS) curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    if (lane->pool->options & CCURL_NO_PROXY) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTE_COUNT);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    // Whoever stops or is out of time does not wait for a resolver that hangs.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, lane);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, lane);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, lane);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, begin);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, lane);
}

/// Where systems keep all authorities in one file. libcurl knows the place of the system that it
/// was built for, and the portable build also runs on others.
static const char *const CA_FILES[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Arch, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, Red Hat
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // the same, newer
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/ssl/cert.pem",                                  // Alpine
};

/// The file that libcurl names, or where that is not there, the first of the known ones that is.
static const char *readable_ca_file(const char *file) {
    if (access(file, R_OK) == 0) return file;
    for (size_t index = 0; index < sizeof CA_FILES / sizeof *CA_FILES; index++) {
        if (access(CA_FILES[index], R_OK) == 0) return CA_FILES[index];
    }
    return file;
}

/// libcurl forgets its own defaults once others are set.
static void keep_system_certificates(ccurl_lane *lane) {
    char *text = NULL;
    if (curl_easy_getinfo(lane->easy, CURLINFO_CAINFO, &text) == CURLE_OK && text != NULL) {
        lane->system_ca_file = strdup(readable_ca_file(text));
    }
    if (curl_easy_getinfo(lane->easy, CURLINFO_CAPATH, &text) == CURLE_OK && text != NULL) {
        lane->system_ca_path = strdup(text);
    }
}

/// Whether a text is the one that was kept; both may be NULL.
static bool is_same(const char *kept, const char *text) {
    return kept == NULL || text == NULL ? kept == text : strcmp(kept, text) == 0;
}

/// Keeps a copy of a text instead of the one before; false where memory is short.
static bool keep(char **kept, const char *text) {
    free(*kept);
    *kept = text == NULL ? NULL : strdup(text);
    return *kept != NULL || text == NULL;
}

static CURLcode set_url(ccurl_lane *lane, const char *url) {
    if (lane->url != NULL && is_same(lane->url, url)) return CURLE_OK;
    keep(&lane->url, NULL);
    CURLcode code = curl_easy_setopt(lane->easy, CURLOPT_URL, url);
    if (code == CURLE_OK && !keep(&lane->url, url)) code = CURLE_OUT_OF_MEMORY;
    return code;
}

static CURLcode trust(ccurl_lane *lane, const char *ca_file) {
    if (lane->has_trust && is_same(lane->ca_file, ca_file)) return CURLE_OK;
    lane->has_trust = false;
    CURLcode code = curl_easy_setopt(
        lane->easy, CURLOPT_CAINFO, ca_file != NULL ? ca_file : lane->system_ca_file);
    if (code != CURLE_OK) return code;
    code = curl_easy_setopt(
        lane->easy, CURLOPT_CAPATH, ca_file != NULL ? NULL : lane->system_ca_path);
    lane->has_trust = code == CURLE_OK && keep(&lane->ca_file, ca_file);
    return lane->has_trust || code != CURLE_OK ? code : CURLE_OUT_OF_MEMORY;
}

static ccurl_lane *make_lane(struct ccurl_pool *pool) {
    ccurl_lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL) return NULL;
    lane->pool = pool;
    lane->easy = curl_easy_init();
    lane->multi = curl_multi_init();
    if (lane->easy == NULL || lane->multi == NULL) {
        destroy_lane(lane);
        return NULL;
    }
    set_up(lane);
    keep_system_certificates(lane);
    return lane;
}

ccurl_lane *ccurl_take(ccurl_client client) {
    struct ccurl_pool *pool = client.pool;
    if (pool == NULL) return NULL;
    pthread_mutex_lock(&pool->mutex);
    ccurl_lane *lane = pool->idle;
    if (lane != NULL) pool->idle = lane->next;
    pthread_mutex_unlock(&pool->mutex);
    if (lane == NULL) lane = make_lane(pool);
    if (lane == NULL) return NULL;
    pthread_mutex_lock(&pool->mutex);
    lane->previous = NULL;
    lane->next = pool->busy;
    if (pool->busy != NULL) pool->busy->previous = lane;
    pool->busy = lane;
    pthread_mutex_unlock(&pool->mutex);
    return lane;
}

void ccurl_give_back(ccurl_client client, ccurl_lane *lane) {
    struct ccurl_pool *pool = client.pool;
    pthread_mutex_lock(&pool->mutex);
    if (lane->previous != NULL) lane->previous->next = lane->next;
    if (lane->next != NULL) lane->next->previous = lane->previous;
    if (pool->busy == lane) pool->busy = lane->next;
    lane->next = pool->idle;
    pool->idle = lane;
    pthread_mutex_unlock(&pool->mutex);
}

// MARK: A transfer

static struct curl_slist *appended(struct curl_slist *list, const char *header) {
    struct curl_slist *longer = list == NULL ? NULL : curl_slist_append(list, header);
    if (longer == NULL) curl_slist_free_all(list);
    return longer;
}

/// Adds the lines of a text; what ends them is a line feed.
static struct curl_slist *appended_lines(struct curl_slist *list, const char *lines) {
    char *copy = strdup(lines), *rest = NULL;
    if (copy == NULL) {
        curl_slist_free_all(list);
        return NULL;
    }
    char *line = strtok_r(copy, "\n", &rest);
    while (line != NULL && list != NULL) {
        list = appended(list, line);
        line = strtok_r(NULL, "\n", &rest);
    }
    free(copy);
    return list;
}

static struct curl_slist *appended_content_type(struct curl_slist *list, const char *type) {
    static const char name[] = "Content-Type: ";
    char *line = malloc(sizeof name + strlen(type));
    if (line == NULL) {
        curl_slist_free_all(list);
        return NULL;
    }
    strcpy(line, name);
    strcat(line, type);
    list = appended(list, line);
    free(line);
    return list;
}

/// The headers of a request; the same ones as before are kept.
static bool prepare_headers(ccurl_lane *lane, const ccurl_request *request) {
    if (lane->headers != NULL && is_same(lane->content_type, request->content_type)
        && is_same(lane->lines, request->headers)) {
        return true;
    }
    // Without a value: libcurl would wait a second for the permission to send large bodies.
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    if (list != NULL && request->content_type != NULL) {
        list = appended_content_type(list, request->content_type);
    }
    if (list != NULL && request->headers != NULL) list = appended_lines(list, request->headers);
    curl_slist_free_all(lane->headers);
    lane->headers = list;
    return list != NULL && keep(&lane->content_type, request->content_type)
        && keep(&lane->lines, request->headers)
        && curl_easy_setopt(lane->easy, CURLOPT_HTTPHEADER, list) == CURLE_OK;
}

static bool has_body(const ccurl_request *request) {
    return strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0;
}

/// libcurl derives from the method what may come and go; the name is set where it knows another.
static CURLcode set_method(ccurl_lane *lane, const ccurl_request *request) {
    if (lane->method != NULL && is_same(lane->method, request->method)) return CURLE_OK;
    CURL *easy = lane->easy;
    bool is_head = strcmp(request->method, "HEAD") == 0;
    if (!keep(&lane->method, request->method)) return CURLE_OUT_OF_MEMORY;
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    if (is_head) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (has_body(request)) curl_easy_setopt(easy, CURLOPT_POST, 1L);
    bool is_known = is_head || strcmp(request->method, "GET") == 0
        || strcmp(request->method, "POST") == 0;
    return curl_easy_setopt(
        easy, CURLOPT_CUSTOMREQUEST, is_known ? NULL : request->method);
}

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Waits until libcurl is done or something ends the transfer earlier.
static CURLcode perform(ccurl_lane *lane) {
    const ccurl_request *request = lane->request;
    int64_t stall = request->timeouts.stall;
    int64_t counted = 0, counted_at = milliseconds();
    int running = 1;
    while (true) {
        if (atomic_load(&lane->pool->is_stopped)) {
            lane->ending = CCURL_STOPPED;
            return CURLE_ABORTED_BY_CALLBACK;
        }
        if (curl_multi_perform(lane->multi, &running) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
        if (running == 0) break;
        int64_t wait = stall < 1000 ? stall : 1000;
        if (curl_multi_poll(lane->multi, NULL, 0, (int)wait, NULL) != CURLM_OK) {
            return CURLE_OUT_OF_MEMORY;
        }
        int64_t now = milliseconds();
        int64_t moved = lane->sent + lane->received;
        // Once the request is out and until the response begins the other side may think, as long
        // as the whole may take.
        bool is_thinking = lane->received == 0
            && (request->send == NULL || lane->sent == 0 || lane->sent == request->count);
        if (is_thinking || (moved - counted) * 1000 >= now - counted_at) {
            counted = moved;
            counted_at = now;
        } else if (now - counted_at >= stall) {
            lane->ending = CCURL_STALLED;
            return CURLE_OPERATION_TIMEDOUT;
        }
    }
    int left = 0;
    CURLMsg *message = curl_multi_info_read(lane->multi, &left);
    if (message == NULL) return CURLE_OUT_OF_MEMORY;
    // libcurl takes a connection that ends among the headers for a response without a body.
    if (message->data.result == CURLE_OK && !lane->has_headers) return CURLE_PARTIAL_FILE;
    return message->data.result;
}

static ccurl_result result_of(ccurl_lane *lane, CURLcode code) {
    ccurl_result result = {
        .code = code, .ending = lane->ending, .is_begun = lane->begun_count > 0,
        .text = lane->text};
    curl_easy_getinfo(lane->easy, CURLINFO_RESPONSE_CODE, &result.status);
    if (code == CURLE_OK) {
        result.retry_after = ccurl_header(lane, "Retry-After");
        result.date = ccurl_header(lane, "Date");
        return result;
    }
    curl_easy_getinfo(lane->easy, CURLINFO_OS_ERRNO, &result.system_error);
    curl_easy_getinfo(lane->easy, CURLINFO_SSL_VERIFYRESULT, &result.verification);
    curl_easy_getinfo(lane->easy, CURLINFO_HTTP_CONNECTCODE, &result.proxy_status);
    return result;
}

const char *ccurl_header(ccurl_lane *lane, const char *name) {
    return ccurl_repeated_header(lane, name, 0);
}

const char *ccurl_repeated_header(ccurl_lane *lane, const char *name, size_t index) {
    struct curl_header *header = NULL;
    if (curl_easy_header(lane->easy, name, index, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    // libcurl 7.88 leaves the end of the line in an empty value.
    return isspace((unsigned char)header->value[0]) ? "" : header->value;
}

static void set_body(ccurl_lane *lane, const ccurl_request *request) {
    curl_easy_setopt(lane->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->count);
    // Without fields libcurl calls back for them.
    curl_easy_setopt(
        lane->easy, CURLOPT_POSTFIELDS, request->send == NULL ? (const char *)request->body : NULL);
}

ccurl_result ccurl_send(ccurl_lane *lane, const ccurl_request *request) {
    CURL *easy = lane->easy;
    lane->request = request;
    lane->sent = 0;
    lane->received = 0;
    lane->header_bytes = 0;
    lane->content_length = -1;
    lane->is_chunked = false;
    lane->has_headers = false;
    lane->begun_count = 0;
    lane->ending = CCURL_NOT_ENDED;
    lane->text[0] = 0;
    if (!prepare_headers(lane, request)) return result_of(lane, CURLE_OUT_OF_MEMORY);
    CURLcode code = set_method(lane, request);
    if (code == CURLE_OK) code = set_url(lane, request->url);
    if (code == CURLE_OK) code = trust(lane, request->ca_file);
    if (has_body(request)) set_body(lane, request);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeouts.total);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->timeouts.connect);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 0L);
    if (code == CURLE_OK && curl_multi_add_handle(lane->multi, easy) != CURLM_OK) {
        code = CURLE_OUT_OF_MEMORY;
    }
    if (code == CURLE_OK) {
        code = perform(lane);
        curl_multi_remove_handle(lane->multi, easy);
    }
    if (has_body(request)) curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
    lane->request = NULL;
    return result_of(lane, code);
}

bool ccurl_authority(const char *url, char *text, size_t capacity) {
    CURLU *parts = curl_url();
    char *host = NULL, *port = NULL;
    bool is_whole = parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK
        && curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK
        && curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    if (is_whole) {
        int length = snprintf(text, capacity, "%s:%s", host, port);
        is_whole = length > 0 && (size_t)length < capacity;
    }
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return is_whole;
}
